# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``mem.*``: memory errors of native code, in the memory that the inference works with."""

from __future__ import annotations

from restage.faults.enums import When
from restage.faults.kind import FaultKind
from restage.faults.kinds.common import AFTER_MS, ANYWHERE, count
from restage.faults.parameters import ParameterSpec

TENSOR = ParameterSpec(
    name='tensor',
    value_type=str,
    default='',
    help_text='name of the output tensor; empty: chosen with the seed',
)


def _on_output(name: str, mechanism: str, *parameters: ParameterSpec) -> FaultKind:
    return FaultKind(
        name=f'mem.{name}',
        mechanism=mechanism,
        moments=(When.AFTER,),
        needs_output=True,
        urgent=True,
        parameters=(*parameters, TENSOR),
    )


MEMORY = (
    _on_output(
        'use_after_free',
        'frees the memory of the live stage output (libc free) while the inference goes on to '
        'use it; CWE-416',
    ),
    _on_output(
        'double_free',
        'frees the memory of the live stage output twice (libc free); CWE-415',
    ),
    _on_output(
        'oob_write',
        'writes behind the end of the memory of the live stage output; CWE-787',
        count(64, 2**20, 'bytes to write', name='bytes'),
    ),
    FaultKind(
        name='mem.leak',
        mechanism='allocates memory (libc malloc), writes to it and never frees it; CWE-401',
        moments=(When.BEFORE, When.AFTER),
        urgent=True,
        parameters=(count(16, 4_096, 'MiB to leak', name='mib'),),
    ),
    FaultKind(
        name='mem.oom',
        mechanism='takes all memory that the process may have (RLIMIT_AS at what it has, the '
        'rest of the heap allocated) until the end of the frame; permanent: for good; CWE-770',
        moments=(When.BEFORE, When.AFTER),
        urgent=True,
    ),
    FaultKind(
        name='mem.null_deref',
        mechanism='reads through a null pointer in the middle of the stage; no core dump; CWE-476',
        moments=ANYWHERE,
        deadly=True,
        parameters=(AFTER_MS,),
    ),
)
