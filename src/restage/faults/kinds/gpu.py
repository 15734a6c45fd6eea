# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``gpu.*``: errors of the GPU; refused where there is none."""

from __future__ import annotations

from restage.faults.enums import When
from restage.faults.kind import FaultKind

GPU = (
    FaultKind(
        name='gpu.illegal_address',
        mechanism='a CUDA kernel writes to an address that is not mapped: every later call in '
        'the context fails (sticky error)',
        moments=(When.BEFORE, When.AFTER),
        urgent=True,
    ),
    FaultKind(
        name='gpu.oom',
        mechanism='allocates all free memory of the GPU until the end of the frame; permanent: '
        'for good',
        moments=(When.BEFORE, When.AFTER),
    ),
)
