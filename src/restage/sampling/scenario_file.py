# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Critical faults of a campaign as a scenario that the injector node plays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from restage.sampling.errors import SamplingError
from restage.sampling.space import FaultSpace
from restage.sampling.subject import Subject
from restage.sampling.truth import Truth

EVERY_S = 1.0
FIRST_S = 2.0


def write_scenario(
    path: Path, subject: Subject, space: FaultSpace, faults: Sequence[int], name: str
) -> None:
    """
    Write ``faults`` one after another, each for one frame, so that it meets a healthy network.

    :raises SamplingError: when no detection node can have these faults.
    """
    reason = why_not(subject, space)
    if reason:
        raise SamplingError(f'no scenario can be made: {reason}')
    entries = [
        _entry(subject, space, fault, FIRST_S + number * EVERY_S)
        for number, fault in enumerate(faults)
    ]
    document = {
        'schema': 1,
        'name': name,
        'description': 'Critical faults that a campaign has found.',
        'faults': entries,
    }
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding='utf-8')


def why_not(subject: Subject, space: FaultSpace) -> str:
    """Return why a detection node cannot have these faults; empty when it can."""
    if not subject.scenario:
        return f"'{subject.name}' is no detector"
    if not space.storage.exact:
        return f'a detection node keeps its numbers in fp32, not {space.storage.name}'
    if space.model.bits > 1:
        return 'a command hits one bit'
    return ''


def worst(truth: Truth, critical: Sequence[tuple[int, float]], count: int) -> list[int]:
    """Return up to ``count`` different critical faults, the worst first."""
    known = dict(critical)
    damage = truth.figures['damage'][truth.flags]
    known |= dict(zip(truth.faults[truth.flags].tolist(), damage.tolist(), strict=True))
    return sorted(known, key=lambda fault: (-known[fault], fault))[:count]


def _entry(subject: Subject, space: FaultSpace, number: int, at_s: float) -> dict[str, Any]:
    fault = space.fault(number)
    site = space.sites[fault.site]
    part = 'weight' if space.target == 'weights' else 'neuron'
    kind, parameters = f'nn.{part}.bit_flip', {'bit': fault.bit}
    if space.model.kind != 'flip':
        value = int(space.model.kind[-1])
        kind = f'nn.weight.stuck_at_{value}' if part == 'weight' else 'nn.neuron.stuck_at'
        if part == 'neuron':
            parameters['value'] = value
    return {
        'at_s': at_s,
        'kind': kind,
        'stage': subject.stages[site.stage].name,
        'persistence': 'transient',
        'parameters': {**parameters, 'element': fault.element, 'tensor': site.tensor},
    }
