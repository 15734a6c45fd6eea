# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every kind of fault that this release can inject."""

from __future__ import annotations

from restage.faults.errors import FaultError, not_accepted
from restage.faults.kind import FaultKind
from restage.faults.kinds.gpu import GPU
from restage.faults.kinds.memory import MEMORY
from restage.faults.kinds.network import NETWORK
from restage.faults.kinds.output import OUTPUT
from restage.faults.kinds.process import PROCESS
from restage.faults.kinds.stream import STREAM
from restage.faults.kinds.timing import TIMING

KINDS: tuple[FaultKind, ...] = (*STREAM, *NETWORK, *OUTPUT, *TIMING, *MEMORY, *GPU, *PROCESS)


def find_kind(name: str) -> FaultKind:
    """
    Return the kind called ``name``.

    :raises FaultError: when there is none; names the nearest and all there are.
    """
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise FaultError(not_accepted('fault kind', name, (kind.name for kind in KINDS)))
