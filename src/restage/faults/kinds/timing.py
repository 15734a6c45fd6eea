# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``timing.*``: the right values too late, or never."""

from __future__ import annotations

from restage.faults.kind import FaultKind
from restage.faults.kinds.common import AFTER_MS, ANYWHERE, count, milliseconds
from restage.faults.parameters import ParameterSpec

TIMING = (
    FaultKind(
        name='timing.delay',
        mechanism='stalls the inference thread inside the stage',
        moments=ANYWHERE,
        urgent=True,
        parameters=(
            milliseconds('delay_ms', 15.0, 'length of the stall'),
            ParameterSpec(
                name='mode',
                value_type=str,
                default='busy',
                choices=('busy', 'sleep'),
                help_text='busy: native computation uses the core; sleep: the core is free',
            ),
        ),
    ),
    FaultKind(
        name='timing.hang',
        mechanism='the inference thread never comes back from the stage',
        moments=ANYWHERE,
        deadly=True,
        parameters=(
            ParameterSpec(
                name='mode',
                value_type=str,
                default='python',
                choices=('python', 'python_busy', 'native', 'native_free'),
                help_text='python: waits for a lock that nobody releases; python_busy: endless '
                'loop in bytecode; native: endless loop in C that holds the GIL, so that the '
                'whole process hangs; native_free: endless torch operation, GIL released',
            ),
        ),
    ),
    FaultKind(
        name='timing.stop',
        mechanism='SIGSTOP to the own process in the middle of the stage; after a SIGCONT the '
        'stage goes on',
        moments=ANYWHERE,
        urgent=True,
        parameters=(AFTER_MS,),
    ),
    FaultKind(
        name='timing.cpu_hog',
        mechanism='threads of the process compute natively beside the inference',
        moments=ANYWHERE,
        urgent=True,
        parameters=(
            milliseconds('hog_ms', 1_000.0, 'how long they compute'),
            count(2, 64, 'number of threads', name='threads'),
        ),
    ),
)
