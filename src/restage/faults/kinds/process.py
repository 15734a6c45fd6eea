# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``proc.*``: the process ends."""

from __future__ import annotations

from restage.faults.kind import FaultKind
from restage.faults.kinds.common import AFTER_MS, ANYWHERE

PROCESS = (
    FaultKind(
        name='proc.kill',
        mechanism='SIGKILL to the own process in the middle of the stage',
        moments=ANYWHERE,
        deadly=True,
        parameters=(AFTER_MS,),
    ),
    FaultKind(
        name='proc.segv',
        mechanism='a write through a null pointer in the middle of the stage; no core dump',
        moments=ANYWHERE,
        deadly=True,
        parameters=(AFTER_MS,),
    ),
    FaultKind(
        name='proc.abort',
        mechanism='abort() in the middle of the stage; no core dump',
        moments=ANYWHERE,
        deadly=True,
        parameters=(AFTER_MS,),
    ),
)
