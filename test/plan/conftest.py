# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What tests of planning share."""

from __future__ import annotations

import pytest

from restage.plan.result import PlanResult
from restage.plan.samples import Samples, TensorSamples

MS = 1_000_000


@pytest.fixture
def samples() -> Samples:
    """Three stages of 10 ms; ``s`` skips over ``b``; checkpoints of 1 ms a tensor."""
    live = (('image',), ('s', 'x'), ('s', 'y'), ('detections',))
    tensors = {}
    for made, names in enumerate(live, -1):
        for name in names:
            one = TensorSamples(name, made, 2048, [0] * 3, [MS] * 3, [MS // 2] * 3)
            tensors.setdefault(name, one)
    return Samples(('a', 'b', 'c'), live, tensors, [[10 * MS] * 3 for _ in range(3)])


@pytest.fixture
def result(samples: Samples) -> PlanResult:
    """The best is ``b`` from 6.67 percent on, ``a`` and ``b`` from 10 percent on."""
    return PlanResult(model='tiny', digest='0123456789abcdef', samples=samples, cap_percent=12.0)
