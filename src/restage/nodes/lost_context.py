# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The end of a process whose GPU context is lost."""

from __future__ import annotations

import os
import sys

from restage.accelerator.failure import Failure
from restage.accelerator.judge import failure_of

# For those who look why a node ended; 1 and 2 have meanings of their own.
STATUS = 70


def end_if_lost(error: BaseException) -> None:
    """End this process, for the standby to take over, if ``error`` is of a context that is lost."""
    if failure_of(error) is not Failure.CONTEXT_LOST:
        return
    sys.stdout.flush()
    sys.stderr.flush()
    # Destructors would call into the lost context, and may wait for ever.
    os._exit(STATUS)
