# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run one stage and judge what it produced."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from restage.accelerator.judge import failure_of
from restage.detect.detector import ErrorDetector
from restage.stages.hook import NoHook, StageHook
from restage.stages.model import StagedModel, State


class StageError(Exception):
    """A stage failed on a frame: who saw it, what was wrong, and whether that is certain."""

    def __init__(
        self,
        index: int,
        stage: str,
        detector: str,
        message: str,
        seen_ns: int,
        *,
        certain: bool = True,
    ) -> None:
        """Keep the facts; ``seen_ns`` is on CLOCK_MONOTONIC."""
        super().__init__(f"stage '{stage}': {detector}: {message}")
        self.index = index
        self.stage = stage
        self.detector = detector
        self.message = message
        self.seen_ns = seen_ns
        self.certain = certain


@dataclass
class Doubt:
    """
    What was found in a frame and is not certain, while the frame is run from its image again.

    ``confirmed``: the same was found again. It is the frame then that is odd, and no error.
    """

    error: StageError
    confirmed: bool = False

    def covers(self, error: StageError) -> bool:
        """Return whether ``error`` is the same, or another oddity of a frame known as odd."""
        if error.certain:
            return False
        self.confirmed = self.confirmed or str(error) == str(self.error)
        return self.confirmed


class StageRunner:
    """Run the stages of ``model`` with the error detectors ``detectors`` behind each."""

    def __init__(
        self,
        model: StagedModel,
        detectors: Sequence[ErrorDetector] = (),
        hook: StageHook | None = None,
    ) -> None:
        """
        Use ``hook`` around every stage.

        ``overruled`` counts, by detector, what was found again in the same frame: false alarms.
        """
        self.model = model
        self.hook: StageHook = hook or NoHook()
        self._detectors = tuple(detectors)
        self.overruled: Counter[str] = Counter()

    def run(
        self, index: int, state: Mapping[str, torch.Tensor], doubt: Doubt | None = None
    ) -> State:
        """
        Return the outputs of stage ``index`` on ``state``.

        ``doubt``: about the frame of which this is part of another run, from its image.

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
            seen_ns, what = time.monotonic_ns(), failure_of(error).value
            raise StageError(index, stage.name, what, message, seen_ns) from error
        for detector in self._detectors:
            found = detector.check(stage, inputs, outputs)
            if found is None:
                continue
            objection = StageError(
                index,
                stage.name,
                found.detector or detector.name,
                found.message,
                time.monotonic_ns(),
                certain=found.certain,
            )
            if doubt is None or not doubt.covers(objection):
                raise objection
            self.overruled[objection.detector] += 1
        return outputs

    def begin(self, stamp_ns: int) -> None:
        """Begin, or take up again, the frame with the header stamp ``stamp_ns``."""
        self.hook.begin_frame(stamp_ns)
        for detector in self._detectors:
            detector.begin(stamp_ns)

    def published(self, detections: torch.Tensor) -> None:
        """Tell the detectors what was published of the frame."""
        for detector in self._detectors:
            detector.published(detections)

    def run_all(self, image: torch.Tensor) -> State:
        """Run every stage on ``image`` (uint8, H x W x 3, BGR); return the final state."""
        state: State = {'image': image}
        for index in range(len(self.model.stages)):
            state.update(self.run(index, state))
        return state
