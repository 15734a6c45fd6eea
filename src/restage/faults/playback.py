# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where the playing of a scenario stands; the clock is the caller's."""

from __future__ import annotations

from collections.abc import Sequence

from restage.faults.command import Fault
from restage.faults.enums import FaultState

# How long the last faults may take to be reported before they count as not reported.
REPORT_GRACE_S = 5.0


class Playback:
    """
    The faults of a scenario on their way: not yet commanded, commanded, answered.

    It is finished when every fault was commanded and each has fired or was rejected, or
    :data:`REPORT_GRACE_S` after the last command. All times are seconds on one steady clock.
    """

    def __init__(self, schedule: Sequence[tuple[float, Fault]]) -> None:
        self._schedule = list(schedule)
        self._next = 0
        self._started_s: float | None = None
        self._last_command_s = 0.0
        self._open: set[str] = set()

    @property
    def started(self) -> bool:
        """Return whether the time line runs."""
        return self._started_s is not None

    @property
    def commanded(self) -> int:
        """Return the number of faults commanded so far."""
        return self._next

    @property
    def unreported(self) -> int:
        """Return the number of faults commanded of which neither firing nor refusal is known."""
        return len(self._open)

    @property
    def total(self) -> int:
        """Return the number of faults of the scenario."""
        return len(self._schedule)

    @property
    def next_fault(self) -> Fault | None:
        """Return the fault to be commanded next."""
        return self._schedule[self._next][1] if self._next < self.total else None

    def start(self, now_s: float) -> None:
        """Start the time line: time 0 of the scenario is ``now_s``."""
        self._started_s = self._last_command_s = now_s

    def due(self, now_s: float) -> list[Fault]:
        """Return the faults whose time has come, once each; they count as commanded."""
        due: list[Fault] = []
        while self._next < self.total and self.wait_s(now_s) <= 0.0:
            fault = self._schedule[self._next][1]
            self._open.add(fault.id)
            self._last_command_s = now_s
            self._next += 1
            due.append(fault)
        return due

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until the next fault is due; infinite when there is none."""
        if self._started_s is None or self._next >= self.total:
            return float('inf')
        return self._started_s + self._schedule[self._next][0] - now_s

    def answered(self, fault_id: str, state: FaultState) -> None:
        """Note an event; ids of others are ignored."""
        if state in (FaultState.FIRED, FaultState.REJECTED):
            self._open.discard(fault_id)

    def finished(self, now_s: float) -> bool:
        """Return whether nothing more is to come."""
        if not self.started or self._next < self.total:
            return False
        return not self._open or now_s - self._last_command_s >= REPORT_GRACE_S
