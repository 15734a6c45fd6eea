# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that is heard and measured of the running system, taken in bit by bit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from diagnostic_msgs.msg import DiagnosticStatus
from restage_msgs.msg import FaultEvent, RecoveryEvent, StageStatus

from restage.demo.golden import as_array
from restage.harness.session import Session
from restage.nodes.stamps import to_ns
from restage.soak.accounts import Accounts
from restage.soak.log_tail import LogTail
from restage.soak.meter import Meter
from restage.soak.permits import Permits

PERIOD_S = 0.05
LEAK = 'mem.leak'
_DEATHS = ('failover', 'restart', 'degraded')


@dataclass
class Heard:
    """What was heard since it was taken last; ``exits``: node, status and time in s."""

    recoveries: list[RecoveryEvent] = field(default_factory=list)
    faults: list[FaultEvent] = field(default_factory=list)
    exits: list[tuple[str, int, float]] = field(default_factory=list)


class Watch:
    """Called again and again by one thread."""

    def __init__(
        self, session: Session, accounts: Accounts, permits: Permits, log: LogTail, meter: Meter
    ) -> None:
        """Take in what ``session`` says, and the ``log`` of its camera."""
        self.heard = Heard()
        # By node: its last status on /diagnostics, and when it came, s on CLOCK_MONOTONIC.
        self.diagnosed: dict[str, tuple[DiagnosticStatus, float]] = {}
        # Nodes whose process has lost memory to a fault.
        self.leaking: set[str] = set()
        self._session = session
        self._accounts = accounts
        self._permits = permits
        self._log = log
        self._meter = meter
        self._exits = 0

    def pump(self) -> None:
        """Take in what is new."""
        observer = self._session.observer
        for record in self._log.read():
            self._accounts.on_published(record)
        for stamp_ns, received_ns, message in observer.take_detections():
            self._accounts.on_output(stamp_ns, received_ns, as_array(message))
        events = observer.take_events()
        for status in events.statuses:
            if status.state == StageStatus.DROPPED:
                self._accounts.on_dropped(to_ns(status.header.stamp), status.detector)
        for fault in events.faults:
            self.heard.faults.append(fault)
            if fault.state == FaultEvent.ARMED:
                self._permits.on_armed(fault.id, fault.kind, fault.node)
            else:
                self._permits.on_over(fault.id, fault.node)
            if fault.state == FaultEvent.FIRED:
                self._permits.on_fired(fault.kind, fault.node, to_ns(fault.frame))
                if fault.kind == LEAK:
                    self.leaking.add(fault.node)
        for recovery in events.recoveries:
            self.heard.recoveries.append(recovery)
            if set(recovery.tiers) & set(_DEATHS):
                self._permits.on_death(recovery.node, to_ns(recovery.frame))
        self._note_exits()
        self._note_diagnostics()
        self._meter.measure()

    def _note_exits(self) -> None:
        exits = self._session.system.exits
        for node, status in exits[self._exits :]:
            self.heard.exits.append((node, status, time.monotonic()))
            self.leaking.discard(node)
            self.forget(node)
            self._permits.on_exit(node, self._accounts.newest_published)
        self._exits = len(exits)

    def forget(self, node: str) -> None:
        """Take what the node has said on /diagnostics for a dead process's."""
        name = f'{node}: status'
        status = self._session.observer.seen.diagnostics.get(name)
        if status is not None:
            self.diagnosed[name] = status, float('-inf')

    def _note_diagnostics(self) -> None:
        now = time.monotonic()
        for name, status in list(self._session.observer.seen.diagnostics.items()):
            if name not in self.diagnosed or self.diagnosed[name][0] is not status:
                self.diagnosed[name] = status, now

    def take(self) -> Heard:
        """Return what was heard since the last time."""
        taken, self.heard = self.heard, Heard()
        return taken

    def until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Take in until ``condition``; return whether it came true in time."""
        end = time.monotonic() + timeout_s
        while True:
            self.pump()
            if condition():
                return True
            left = end - time.monotonic()
            if left <= 0.0:
                return False
            time.sleep(min(PERIOD_S, left))

    def rest(self, seconds: float) -> None:
        """Take in for so long."""
        self.until(lambda: False, seconds)
