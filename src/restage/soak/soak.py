# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Episode after episode in a running system, each judged when quiet has come back."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from restage_msgs.msg import FaultEvent

from restage.harness.session import Session
from restage.recovery.stolen import stolen_ns
from restage.soak.accounts import Accounts, Window
from restage.soak.conduct import Conductor
from restage.soak.episode import Episode
from restage.soak.findings import Finding
from restage.soak.health import problem
from restage.soak.idle import idle_core_s
from restage.soak.judge import Complaint, Facts, judge
from restage.soak.ledger_check import LedgerCheck
from restage.soak.meter import Meter
from restage.soak.permits import Permits
from restage.soak.record import Record
from restage.soak.recovery_row import recovery_row
from restage.soak.settings import SoakSettings
from restage.soak.watch import Heard, Watch

# The newest frame came out no longer after its publication than this: nothing waits.
CAUGHT_UP_MS = 150.0
# All is well when it has been so for that long: reports of what just happened may be on their way.
STEADY_S = 2.0
# With less of a core idle than this, a machine does not keep up.
BUSY = 0.1
# Permits are kept for so long after their frame.
MEMORY_NS = 60_000_000_000

# Tiers after which a process leads that had to be started first.
_STARTED = {'restart', 'degraded'}


class NotHealedError(RuntimeError):
    """The system did not become healthy again; the message says what is wrong with it."""


@dataclass(kw_only=True)
class Parts:
    """What works together on one running system."""

    session: Session
    accounts: Accounts
    permits: Permits
    meter: Meter
    watch: Watch
    begun_s: float


class Soak:
    """Runs episodes and keeps the record."""

    def __init__(self, settings: SoakSettings, parts: Parts) -> None:
        """Work with ``parts``, of a system whose cameras run."""
        self.record = Record()
        self._settings = settings
        self._session = parts.session
        self._accounts = parts.accounts
        self._permits = parts.permits
        self._meter = parts.meter
        self._watch = parts.watch
        self._begun_s = parts.begun_s
        self._busy = False
        self._well_since_s: float | None = None
        self._conductor = Conductor(parts.session, parts.watch)
        self._ledger = LedgerCheck(parts.session, parts.watch, settings.rate_hz)

    def begin(self) -> None:
        """
        Wait until the system is up; its accounts begin then.

        :raises NotHealedError: when it does not come up.
        """
        if not self._heal():
            raise NotHealedError(self._why())
        self._watch.take()
        self._accounts.begin()
        self._ledger.add(0, restarted=False)

    def run(self, episode: Episode) -> dict[str, Any]:
        """
        Run an episode and the quiet after it; return its row.

        :raises NotHealedError: when the system is not well again after twice the time it has.
        """
        begun_s, stolen = time.monotonic(), stolen_ns()
        self._conductor.run(episode)
        healed = self._heal()
        complaints = [] if healed else [Complaint('health', self._why())]
        if not healed and not self._heal():
            self._close(episode, stolen, complaints, begun_s, quiet=False)
            raise NotHealedError(self._why())
        spoilt = sorted({*self._permits.tainted, *self._watch.leaking})
        if spoilt:
            self._conductor.retire(spoilt)
            if not self._heal():
                complaints.append(Complaint('health', self._why()))
                self._close(episode, stolen, complaints, begun_s, quiet=False)
                raise NotHealedError(self._why())
        healed_s = time.monotonic()
        row = self._close(episode, stolen, complaints, begun_s, quiet=False)
        row['healthy_after_s'] = round(healed_s - begun_s, 2)
        self._rest(episode, begun_s)
        return row

    def _rest(self, episode: Episode, begun_s: float) -> None:
        """Do nothing for a while: nothing may happen."""
        stolen, idle_s = stolen_ns(), idle_core_s()
        self._conductor.struck = []
        self._meter.begin_quiet()
        self._watch.rest(self._settings.quiet_s)
        self._busy = idle_core_s() - idle_s < BUSY * self._settings.quiet_s
        self._meter.end_quiet(but=[node for node, _, _ in self._watch.heard.exits])
        self._close(episode, stolen, [], begun_s, quiet=True)
        self._permits.forget(self._accounts.newest_out - MEMORY_NS)

    def _heal(self) -> bool:
        """Wait until all has been well for a while; return whether it was in time."""
        self._well_since_s = None
        return self._watch.until(self._settled, self._settings.heal_s)

    def _settled(self) -> bool:
        now = time.monotonic()
        if self._why():
            self._well_since_s = None
        elif self._well_since_s is None:
            self._well_since_s = now
        return self._well_since_s is not None and now - self._well_since_s >= STEADY_S

    def _why(self) -> str:
        if self._conductor.pending:
            return f'{self._conductor.pending} was not replaced'
        behind_ms = (self._accounts.newest_published - self._accounts.newest_out) / 1e6
        if behind_ms > CAUGHT_UP_MS:
            return f'detections are {behind_ms:.0f} ms behind the camera'
        return problem(self._session, self._watch, self._settings.standbys)

    def _close(
        self,
        episode: Episode,
        stolen: int,
        complaints: list[Complaint],
        begun_s: float,
        *,
        quiet: bool,
    ) -> dict[str, Any]:
        self._watch.pump()
        window, heard = self._accounts.close(), self._watch.take()
        facts = Facts(
            busy=self._busy and quiet,
            episode=episode,
            window=window,
            heard=heard,
            recoveries=[recovery_row(event, self._conductor.struck) for event in heard.recoveries],
            struck=self._conductor.struck,
            stolen_ms=(stolen_ns() - stolen) / 1e6,
            quiet=quiet,
        )
        found = [*complaints, *judge(facts, self._permits, self._settings)]
        restarted = any(set(row['tiers']) & _STARTED for row in facts.recoveries)
        wrong, documented = self._ledger.add(len(window.lost), restarted=restarted)
        if wrong:
            found.append(Complaint('accounts', wrong, documented=documented))
        findings = [self._finding(episode, one, quiet=quiet) for one in found]
        self.record.add_findings(findings)
        self.record.add_window(window)
        row = self._row(facts, findings, begun_s)
        if not quiet:
            self.record.add_episode(row)
        return row

    def _finding(self, episode: Episode, one: Complaint, *, quiet: bool) -> Finding:
        return Finding(
            invariant=one.invariant,
            text=one.text,
            at_s=round(time.monotonic() - self._begun_s, 2),
            episode=episode.number,
            phase='quiet' if quiet else 'episode',
            frame_ns=one.frame_ns,
            during=episode.name,
            again=self._settings.again(episode.number),
            documented=one.documented,
        )

    def _row(self, facts: Facts, findings: Iterable[Finding], begun_s: float) -> dict[str, Any]:
        episode, window = facts.episode, facts.window
        return {
            'episode': episode.number,
            'name': episode.name,
            'shape': episode.shape,
            'load': episode.load,
            'at_s': round(begun_s - self._begun_s, 2),
            'actions': [action.told() for action in episode.actions],
            'fired': _count(facts.heard, FaultEvent.FIRED),
            'rejected': [
                event.detail
                for event in facts.heard.faults
                if event.state == FaultEvent.REJECTED and event.kind
            ],
            'recoveries': list(facts.recoveries),
            'exits': [[node, status] for node, status, _ in facts.heard.exits],
            'frames': _frames(window),
            'altered': _altered(window, self._permits),
            'silence_ms': round(window.silence_ms, 1),
            'stolen_ms': round(facts.stolen_ms, 1),
            'findings': [finding.text for finding in findings],
        }


def _count(heard: Heard, state: int) -> int:
    return sum(event.state == state for event in heard.faults)


def _frames(window: Window) -> dict[str, Any]:
    reasons: dict[str, int] = {}
    for why in window.lost.values():
        reasons[why or 'not_received'] = reasons.get(why or 'not_received', 0) + 1
    return {'in': window.frames_in, 'out': window.frames_out, 'lost': reasons}


def _altered(window: Window, permits: Permits) -> dict[str, int]:
    """Return how many outputs were wrong, by the kind of fault that may do that."""
    found: dict[str, int] = {}
    for stamp_ns in window.differing:
        kind = permits.why(stamp_ns) or 'not permitted'
        found[kind] = found.get(kind, 0) + 1
    return found
