# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How many faults are armed, have fired, were refused."""

from __future__ import annotations

from restage.faults.enums import FaultState
from restage.faults.record import FaultRecord
from restage.faults.taxonomy import KINDS

DEADLY = frozenset(kind.name for kind in KINDS if kind.deadly)


class FaultTally:
    """Counts faults by their events, each fault once however often it fires."""

    def __init__(self) -> None:
        self._armed: set[str] = set()
        self._fired: set[str] = set()
        self._rejected: set[str] = set()
        self.firings = 0

    def note(self, record: FaultRecord) -> bool:
        """Count an event; return whether it is news: the first of its state for this fault."""
        sizes = (len(self._armed), len(self._fired), len(self._rejected))
        if record.state is FaultState.ARMED:
            self._armed.add(record.id)
        elif record.state is FaultState.FIRED:
            self._fired.add(record.id)
            self.firings += 1
            if record.kind in DEADLY:
                self._armed.discard(record.id)
        elif record.state is FaultState.REJECTED:
            self._rejected.add(record.id)
            self._armed.discard(record.id)
        else:
            self._armed.discard(record.id)
        return sizes != (len(self._armed), len(self._fired), len(self._rejected))

    def counts(self) -> dict[str, int]:
        """Return the faults armed now, those that ever fired, those refused, and all firings."""
        return {
            'armed': len(self._armed),
            'fired': len(self._fired),
            'rejected': len(self._rejected),
            'firings': self.firings,
        }
