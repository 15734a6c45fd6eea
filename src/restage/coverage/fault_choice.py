# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which fault is injected next: by the campaign's seed and its number alone."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from restage.faults.command import Fault
from restage.faults.enums import Persistence
from restage.faults.kind import FaultKind
from restage.faults.parameters import Value
from restage.faults.taxonomy import KINDS

CLASSES = ('nn.neuron', 'nn.weight', 'nn.stage')


def network_kinds() -> tuple[str, ...]:
    """Return every kind of fault of the network."""
    return tuple(kind.name for kind in KINDS if kind.fault_class in CLASSES)


def choose_fault(number: int, seed: int, kinds: Sequence[FaultKind]) -> Fault:
    """
    Return fault ``number``: kinds take turns; stage, tensor, element and bit are the seed's.

    A value that is set is of any magnitude from 0.01 to 10000, of either sign. Every second fault
    in a weight is permanent.
    """
    rng = Random(f'{seed}/{number}')
    kind = kinds[number % len(kinds)]
    parameters: dict[str, Value] = {}
    if kind.name.endswith('.set_value'):
        parameters['value'] = rng.choice((-1.0, 1.0)) * 10 ** rng.uniform(-2.0, 4.0)
    elif kind.name == 'nn.neuron.stuck_at':
        parameters['value'] = rng.randrange(2)
    lasts = kind.needs_weights and number // len(kinds) % 2 == 1
    return Fault(
        id=f'{number}',
        kind=kind.name,
        when=kind.default_when,
        persistence=Persistence.PERMANENT if lasts else Persistence.TRANSIENT,
        seed=rng.getrandbits(64),
        parameters=parameters,
    )
