# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which stage of a model a fault hits."""

from __future__ import annotations

from random import Random

from restage.faults.command import Fault
from restage.faults.errors import FaultError, not_accepted
from restage.faults.kind import Place
from restage.faults.taxonomy import find_kind
from restage.faults.weights import flippable, named_after
from restage.stages.model import Stage, StagedModel


def stage_for(fault: Fault, model: StagedModel) -> Stage:
    """
    Return the stage that ``fault`` hits: the named one, or one chosen with its seed.

    ``50%`` is the one in the middle: 0% is the first and 100% the last.

    :raises FaultError: when the model has no such stage or weight, or the stage no such output.
    """
    kind = find_kind(fault.kind)
    if kind.place is not Place.DETECTOR:
        raise FaultError(
            f"'{kind.name}' acts on a stream of images; accepted target: {kind.default_target}"
        )
    wanted = str(fault.parameters.get('tensor', ''))
    named = named_stage(fault.stage, model) if fault.stage else None
    if kind.needs_detections:
        stages = [stage for stage in model.stages if 'detections' in stage.outputs]
        if named and named not in stages:
            accepted = (stage.name for stage in stages)
            raise FaultError(not_accepted(f"stage of '{fault.kind}'", named.name, accepted))
    elif kind.needs_weights:
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


def named_stage(name: str, model: StagedModel) -> Stage:
    """
    Return the stage called ``name``, or the one so far through the model as it says in percent.

    :raises FaultError: when there is none; names those there are.
    """
    if name.endswith('%'):
        return model.stages[round(int(name[:-1]) * (len(model.stages) - 1) / 100)]
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
