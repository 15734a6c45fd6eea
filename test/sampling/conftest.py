# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from restage.sampling.engine import Engine
from restage.sampling.samplers.base import Context, Doubles
from restage.sampling.sensitivity import importance
from restage.sampling.severity import stratify

from .tiny import two_layers


@dataclass
class Enumerated:
    """A space in which the damage of every fault is known."""

    context: Context
    damage: Doubles


@pytest.fixture(scope='session')
def enumerated() -> Enumerated:
    engine = Engine(two_layers())
    space = engine.space
    damage = [engine.run(space.fault(number))['damage'] for number in range(space.size)]
    context = Context(
        space=space, strata=stratify(space), importance=importance(engine.subject, space)
    )
    return Enumerated(context, np.array(damage))
