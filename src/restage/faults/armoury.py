# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The faults that are armed in one place: let in once, cleared, and told of."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from restage.faults.armed import ArmedFault
from restage.faults.enums import FaultState
from restage.faults.errors import FaultError
from restage.faults.record import FaultRecord

# Ids that are remembered, oldest forgotten first: older commands have long expired.
KEPT = 100_000


class Armoury:
    """
    Used by any thread; ``armed`` is replaced as a whole, so that it is read without a lock.

    :param on_event: Called with every change of state, from the thread that causes it.
    """

    def __init__(self, on_event: Callable[[FaultRecord], None]) -> None:
        self.armed: tuple[ArmedFault, ...] = ()
        self._on_event = on_event
        self._lock = Lock()
        self._seen: dict[str, None] = {}

    def arm(self, armed: ArmedFault, where: str) -> None:
        """
        Arm a fault; ``where`` it waits, in words.

        :raises FaultError: on an id that was used before.
        """
        with self._lock:
            if armed.fault.id in self._seen:
                raise FaultError(
                    f"id '{armed.fault.id}' was used before; every fault needs its own"
                )
            self._seen[armed.fault.id] = None
            if len(self._seen) > KEPT:
                del self._seen[next(iter(self._seen))]
        self.emit(armed, FaultState.ARMED, where)
        with self._lock:
            self.armed = (*self.armed, armed)

    def begin_frame(self, stamp_ns: int) -> None:
        """Have every fault decide about the frame; those whose time is over are cleared."""
        for armed in self.armed:
            armed.begin_frame(stamp_ns)
            over = armed.over
            if over and self.remove(armed):
                self.emit(armed, FaultState.CLEARED, over, stamp_ns)

    def remove(self, armed: ArmedFault) -> bool:
        """Disarm a fault; return whether it was armed."""
        with self._lock:
            left = tuple(other for other in self.armed if other is not armed)
            removed = len(left) < len(self.armed)
            self.armed = left
        return removed

    def clear(self, fault_id: str) -> bool:
        """Clear one fault, or all if no id is given; return whether there was one."""
        chosen = [one for one in self.armed if not fault_id or one.fault.id == fault_id]
        cleared = [one for one in chosen if self.remove(one)]
        for one in cleared:
            self.emit(one, FaultState.CLEARED, 'cleared on request')
        return bool(cleared)

    def emit(
        self,
        armed: ArmedFault,
        state: FaultState,
        detail: str,
        stamp_ns: int = 0,
        monotonic_ns: int = 0,
    ) -> None:
        """Tell of a change of state, of now unless another time is given."""
        self._on_event(
            FaultRecord(
                id=armed.fault.id,
                kind=armed.fault.kind,
                state=state,
                stage=armed.stage,
                stamp_ns=stamp_ns,
                detail=detail,
                monotonic_ns=monotonic_ns or time.monotonic_ns(),
            )
        )
