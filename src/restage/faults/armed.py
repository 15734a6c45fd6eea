# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A fault that waits in the engine for its frame."""

from __future__ import annotations

from random import Random

from restage.faults.command import Fault
from restage.faults.errors import FaultError, not_accepted
from restage.faults.taxonomy import find_kind
from restage.stages.model import Stage, StagedModel


class ArmedFault:
    """
    A fault, the stage it will hit, and whether it may fire on the frame in work.

    The choices made with the seed (stage, frames, elements) come from streams of their own,
    so that one does not shift the other.

    :raises FaultError: when the model has no such stage, or the stage no such output.
    """

    def __init__(self, fault: Fault, model: StagedModel) -> None:
        self.fault = fault
        self.stage = _stage_for(fault, model)
        self.active = False
        self.effect_rng = Random(f'{fault.seed}/effect')
        self._frame_rng = Random(f'{fault.seed}/frames')
        self._frames_to_pass = fault.after_frames
        self._stamp_ns: int | None = None

    def begin_frame(self, stamp_ns: int) -> None:
        """Decide, once per frame, whether the fault may fire on it."""
        if stamp_ns == self._stamp_ns:
            return
        self._stamp_ns = stamp_ns
        if self._frames_to_pass:
            self._frames_to_pass -= 1
            return
        self.active = self._frame_rng.random() < self.fault.probability


def _stage_for(fault: Fault, model: StagedModel) -> Stage:
    kind = find_kind(fault.kind)
    wanted = str(fault.parameters.get('tensor', ''))
    if fault.stage:
        names = [stage.name for stage in model.stages]
        if fault.stage not in names:
            raise FaultError(not_accepted(f"stage of '{model.name}'", fault.stage, names))
        stage = model.stages[model.index(fault.stage)]
        if wanted and wanted not in stage.outputs:
            raise FaultError(not_accepted(f"output of stage '{stage.name}'", wanted, stage.outputs))
        return stage
    stages = list(model.stages)
    if wanted:
        stages = [stage for stage in stages if wanted in stage.outputs]
        if not stages:
            outputs = [name for stage in model.stages for name in stage.outputs]
            raise FaultError(not_accepted(f"output of '{model.name}'", wanted, outputs))
    elif kind.needs_output and len(stages) > 1:
        stages.pop()
    return Random(f'{fault.seed}/stage').choice(stages)
