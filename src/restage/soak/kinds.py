# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which faults there are to choose from, and with which parameters."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import torch

from restage.faults.command import Fault
from restage.faults.enums import Persistence
from restage.faults.kind import FaultKind
from restage.faults.parameters import Value
from restage.faults.taxonomy import KINDS, find_kind

Parameters = dict[str, Value]

# Those of each kind that make a difference; what is not named keeps its default.
_PARAMETERS: dict[str, Callable[[Random], Parameters]] = {
    'input.delay': lambda rng: {'delay_ms': rng.uniform(20.0, 150.0)},
    'input.partial_loss': lambda rng: {'fraction': rng.uniform(0.1, 1.0)},
    'input.noise': lambda rng: {'sigma': rng.uniform(2.0, 60.0)},
    'input.bit_corrupt': lambda rng: {'count': rng.randint(1, 100_000)},
    'comm.delay': lambda rng: {'delay_ms': rng.uniform(20.0, 250.0)},
    'comm.partition': lambda rng: {'partition_ms': rng.uniform(100.0, 1_000.0)},
    'nn.neuron.nan': lambda rng: {'count': rng.randint(1, 100)},
    'nn.neuron.stuck_at': lambda rng: {'value': rng.randint(0, 1)},
    'nn.neuron.set_value': lambda rng: {'value': rng.choice((-300.0, 0.0, 5.0, 5_000.0, 1e30))},
    'nn.weight.set_value': lambda rng: {'value': rng.choice((-40.0, 0.0, 0.1, 1e30))},
    'output.box': lambda rng: {
        'dx': rng.choice((-5_000.0, -30.0, 3.0, 120.0)),
        'dy': rng.uniform(-40.0, 40.0),
    },
    'output.class_': lambda rng: {'class_id': rng.choice((-1, 17))},
    'output.score': lambda rng: {'score': rng.choice((0.01, 0.7, 1.5))},
    'timing.delay': lambda rng: {
        'delay_ms': rng.choice((5.0, 15.0, 60.0, 400.0)),
        'mode': rng.choice(('busy', 'sleep')),
    },
    'timing.hang': lambda rng: {
        'mode': rng.choice(('python', 'python_busy', 'native', 'native_free'))
    },
    'timing.cpu_hog': lambda rng: {
        'hog_ms': rng.uniform(300.0, 2_000.0),
        'threads': rng.randint(1, 4),
    },
    'mem.oob_write': lambda rng: {'bytes': rng.choice((64, 512, 4_096))},
    'mem.leak': lambda rng: {'mib': rng.randint(8, 64)},
}
# One at a time: a process dies of it once, or its memory is what is left wrong.
_ONCE = ('timing.hang', 'timing.stop', 'timing.cpu_hog', 'comm.partition')


def kinds_here() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the kinds that can be injected on this machine, and those that cannot."""
    gpu = torch.cuda.is_available()
    there = [kind.name for kind in KINDS if gpu or kind.fault_class != 'gpu']
    return tuple(there), tuple(kind.name for kind in KINDS if kind.name not in there)


def may_last(kind: FaultKind) -> bool:
    """Return whether the kind can be there on frame after frame."""
    once = kind.deadly or kind.name in _ONCE or kind.fault_class in ('mem', 'gpu')
    return not once


def random_fault(rng: Random, name: str, fault_id: str, *, lasting: bool) -> Fault:
    """Return a fault of that kind; ``lasting``: on many frames, for a second or two."""
    kind = find_kind(name)
    choose = _PARAMETERS.get(name)
    parameters = choose(rng) if choose is not None else {}
    persistence, probability, duration_s = Persistence.TRANSIENT, 1.0, 0.0
    if lasting:
        persistence = rng.choice((Persistence.INTERMITTENT, Persistence.PERMANENT))
        duration_s = rng.uniform(0.5, 2.0)
        if persistence is Persistence.INTERMITTENT:
            probability = rng.uniform(0.05, 0.5)
    return Fault(
        id=fault_id,
        kind=name,
        target=kind.default_target,
        when=rng.choice(kind.moments),
        persistence=persistence,
        probability=probability,
        duration_s=duration_s,
        seed=rng.getrandbits(32),
        parameters=parameters,
    )
