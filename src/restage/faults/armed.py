# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A fault that waits in the engine for its frame."""

from __future__ import annotations

from random import Random

from restage.faults.command import Fault
from restage.faults.errors import FaultError, not_accepted
from restage.faults.taxonomy import find_kind
from restage.faults.weights import flippable, named_after
from restage.stages.model import Stage, StagedModel


class ArmedFault:
    """
    A fault, the stage it will hit, and whether it may fire on the frame in work.

    The choices made with the seed (stage, frames, elements) come from streams of their own,
    so that one does not shift the other.

    :raises FaultError: when the model has no such stage or weight, or the stage no such output.
    """

    def __init__(self, fault: Fault, model: StagedModel) -> None:
        self.fault = fault
        self.kind = find_kind(fault.kind)
        self.stage = _stage_for(fault, model)
        self.active = False
        self.memory: dict[str, object] = {}
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
    named = _named_stage(fault.stage, model) if fault.stage else None
    if kind.needs_weights:
        stages = _stages_with_weight(model, wanted)
    elif named and wanted and wanted not in named.outputs:
        raise FaultError(not_accepted(f"output of stage '{named.name}'", wanted, named.outputs))
    elif wanted:
        stages = _stages_with_output(model, wanted)
    else:
        stages = list(model.stages)
        if kind.needs_output and len(stages) > 1:
            stages.pop()
    return named or Random(f'{fault.seed}/stage').choice(stages)


def _named_stage(name: str, model: StagedModel) -> Stage:
    names = [stage.name for stage in model.stages]
    if name not in names:
        raise FaultError(not_accepted(f"stage of '{model.name}'", name, names))
    return model.stages[model.index(name)]


def _stages_with_output(model: StagedModel, wanted: str) -> list[Stage]:
    stages = [stage for stage in model.stages if wanted in stage.outputs]
    if not stages:
        outputs = [name for stage in model.stages for name in stage.outputs]
        raise FaultError(not_accepted(f"output of '{model.name}'", wanted, outputs))
    return stages


def _stages_with_weight(model: StagedModel, wanted: str) -> list[Stage]:
    """Return the stages that use ``wanted``, or any weight; all if the names do not tell."""
    weights = flippable(model.weights)
    if not weights:
        raise FaultError(f"'{model.name}' has no weights whose bits can be flipped")
    if wanted and wanted not in weights:
        raise FaultError(not_accepted(f"weight of '{model.name}'", wanted, weights))
    names = [wanted] if wanted else list(weights)
    stages = [stage for stage in model.stages if named_after(stage, names)]
    return stages or list(model.stages)
