# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run one stage and judge what it produced."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import torch

from restage.detect.detector import ErrorDetector
from restage.stages.hook import NoHook, StageHook
from restage.stages.model import StagedModel, State


class StageError(Exception):
    """A stage failed on a frame: who saw it, and what was wrong."""

    def __init__(self, index: int, stage: str, detector: str, message: str, seen_ns: int) -> None:
        """Keep the facts; ``seen_ns`` is on CLOCK_MONOTONIC."""
        super().__init__(f"stage '{stage}': {detector}: {message}")
        self.index = index
        self.stage = stage
        self.detector = detector
        self.message = message
        self.seen_ns = seen_ns


class StageRunner:
    """Run the stages of ``model`` with the error detectors ``detectors`` behind each."""

    def __init__(
        self,
        model: StagedModel,
        detectors: Sequence[ErrorDetector] = (),
        hook: StageHook | None = None,
    ) -> None:
        """Use ``hook`` around every stage."""
        self.model = model
        self.hook: StageHook = hook or NoHook()
        self._detectors = tuple(detectors)

    def run(self, index: int, state: Mapping[str, torch.Tensor]) -> State:
        """
        Return the outputs of stage ``index`` on ``state``.

        :raises StageError: for any exception of the backend, or when a detector objects.
        """
        stage = self.model.stages[index]
        try:
            inputs = self.hook.before(stage, {name: state[name] for name in stage.inputs})
            with self.hook.during(stage), torch.inference_mode():
                outputs = stage.run(inputs)
            self.hook.after(stage, outputs)
        except Exception as error:
            message = f'{type(error).__name__}: {error}'.splitlines()[0]
            raise StageError(
                index, stage.name, 'exception', message, time.monotonic_ns()
            ) from error
        for detector in self._detectors:
            message_or_none = detector.check(stage, outputs)
            if message_or_none is not None:
                raise StageError(
                    index, stage.name, detector.name, message_or_none, time.monotonic_ns()
                )
        return outputs

    def run_all(self, image: torch.Tensor) -> State:
        """Run every stage on ``image`` (uint8, H x W x 3, BGR); return the final state."""
        state: State = {'image': image}
        for index in range(len(self.model.stages)):
            state.update(self.run(index, state))
        return state
