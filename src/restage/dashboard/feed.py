# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Faults and recoveries, one entry for each error, newest first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from restage.dashboard.phases import phases_of, total_ms
from restage.dashboard.sightings import FaultNews, Recovery
from restage.faults.enums import FaultState
from restage.recovery.case import Outcome

KEPT = 40
MOST_RECOVERIES = 5


@dataclass
class _Entry:
    """One fault with the recoveries from it, or one error that nobody injected."""

    key: str
    kind: str
    at: float
    fault: FaultNews | None = None
    firings: int = 0
    recovery_count: int = 0
    recoveries: list[Recovery] = field(default_factory=list)


class Feed:
    """
    The last ``KEPT`` errors, and how much of the FTTI the recoveries used.

    ``wall_s``: time of day, in s since 1970, of a time on CLOCK_MONOTONIC in ns.
    """

    def __init__(self, ftti_ms: float, wall_s: Callable[[int], float]) -> None:
        """Judge recoveries by ``ftti_ms``."""
        self._ftti_ms = ftti_ms
        self._wall_s = wall_s
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._known: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._worst: Recovery | None = None
        self._count = self._over = self._failed = 0

    def fault(self, news: FaultNews) -> None:
        """Note what became of a fault."""
        entry = self._entry(f'fault {news.id}', news.kind, news.at_ns)
        if news.step is FaultState.FIRED:
            entry.firings += 1
        # Whoever is not its target says nothing; a late ARMED does not undo a FIRED.
        if entry.fault is None or news.step >= entry.fault.step:
            entry.fault = news

    def recovery(self, event: Recovery) -> None:
        """Note a recovery; one that is told again is the same."""
        told = (event.number, event.detected_ns)
        if told in self._known:
            return
        self._known[told] = None
        if len(self._known) > 1000:
            self._known.popitem(last=False)
        begun = event.injected_ns or event.detected_ns
        key = f'fault {event.fault_id}' if event.fault_id else f'error {told[0]} {told[1]}'
        entry = self._entry(key, event.fault_kind or 'error', begun)
        entry.recovery_count += 1
        entry.recoveries = [event, *entry.recoveries][:MOST_RECOVERIES]
        self._account(event)

    def _entry(self, key: str, kind: str, at_ns: int) -> _Entry:
        if key not in self._entries:
            self._entries[key] = _Entry(key, kind, self._wall_s(at_ns))
            if len(self._entries) > KEPT:
                self._entries.popitem(last=False)
        return self._entries[key]

    def _account(self, event: Recovery) -> None:
        self._count += 1
        spent = total_ms(event)
        if event.outcome is not Outcome.RECOVERED:
            self._failed += 1
        if spent is None:
            return
        self._over += spent > self._ftti_ms
        if self._worst is None or spent > (total_ms(self._worst) or 0.0):
            self._worst = event

    def view(self) -> list[dict[str, object]]:
        """Return the entries, newest first."""
        return [self._item(entry) for entry in reversed(self._entries.values())]

    def budget(self) -> dict[str, object]:
        """Return the FTTI and what recoveries used of it; the worst of all is kept."""
        spent = [
            {'ms': total_ms(event), 'tier': event.tier}
            for entry in self._entries.values()
            for event in entry.recoveries
            if total_ms(event) is not None
        ]
        worst = self._worst
        return {
            'ftti_ms': self._ftti_ms,
            'recoveries': self._count,
            'over': self._over,
            'failed': self._failed,
            'spent': spent,
            'worst': worst and {'ms': total_ms(worst), 'tier': worst.tier, 'node': worst.node},
        }

    def _item(self, entry: _Entry) -> dict[str, object]:
        fault = entry.fault
        return {
            'key': entry.key,
            'kind': entry.kind,
            'at': round(entry.at, 3),
            'fault': fault
            and {
                'state': fault.step.name.lower(),
                'node': fault.node,
                'stage': fault.stage,
                'detail': fault.detail,
                'firings': entry.firings,
            },
            'recovery_count': entry.recovery_count,
            'recoveries': [self._recovery(event) for event in entry.recoveries],
        }

    def _recovery(self, event: Recovery) -> dict[str, object]:
        spent = total_ms(event)
        return {
            'tier': event.tier,
            'tiers': list(event.tiers),
            'outcome': event.outcome.name.lower(),
            'node': event.node,
            'by': event.recovered_by,
            'stage': event.stage,
            'detector': event.detector,
            'error': event.error,
            'lost': event.frames_lost,
            'phases': phases_of(event),
            'total': spent,
            'from': 'injected' if event.injected_ns else 'detected',
            'share': None if spent is None else round(spent / self._ftti_ms, 4),
        }
