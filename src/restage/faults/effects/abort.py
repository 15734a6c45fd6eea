# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``proc.abort``: ``abort()`` while the stage computes, as a failed assertion in C ends."""

from __future__ import annotations

import os

from restage.faults.effects.end import end_process, forbid_core_dump
from restage.faults.effects.shot import Shot


def abort_own_process(shot: Shot) -> None:
    """Abort this process, in the middle of the computation unless the fault says otherwise."""
    end_process(shot, 'abort()', _abort)


def _abort() -> None:
    forbid_core_dump()
    os.abort()
