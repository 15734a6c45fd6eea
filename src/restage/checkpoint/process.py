# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Identity of a process that survives the reuse of its pid."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProcessId:
    """
    A pid and the clock tick at which that process started.

    Source: proc(5), field 22 of ``/proc/PID/stat``.
    """

    pid: int
    start_ticks: int

    @classmethod
    def of(cls, pid: int) -> ProcessId | None:
        """Return the identity of the living process ``pid``, or None."""
        try:
            stat = Path(f'/proc/{pid}/stat').read_text()
        except OSError:
            return None
        # The name, in brackets, may hold spaces and brackets itself.
        fields = stat[stat.rindex(')') + 2 :].split()
        return None if fields[0] in ('Z', 'X') else cls(pid, int(fields[19]))

    @classmethod
    def own(cls) -> ProcessId:
        """Return the identity of this process."""
        identity = cls.of(os.getpid())
        assert identity is not None
        return identity

    def alive(self) -> bool:
        """Return whether this very process still runs (a zombie does not)."""
        return ProcessId.of(self.pid) == self
