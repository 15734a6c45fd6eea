# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Makes armed faults happen to a stream of images."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from restage.faults.armed import ArmedFault
from restage.faults.armoury import Armoury
from restage.faults.command import Fault
from restage.faults.enums import FaultState, Persistence
from restage.faults.errors import FaultError
from restage.faults.kind import Place
from restage.faults.record import FaultRecord
from restage.faults.stream.effects import EFFECTS, PARTITION, REORDER
from restage.faults.stream.passage import Moment, Passing, Pixels
from restage.faults.taxonomy import find_kind


class StreamInjector:
    """
    Stands between who sends images and who gets them; one thread passes them through.

    :param on_event: Called with every change of state, as that of ``FaultInjector``.
    """

    def __init__(self, on_event: Callable[[FaultRecord], None]) -> None:
        self._armoury = Armoury(on_event)
        self._before: Pixels | None = None
        self._held: list[Passing] = []
        self._closed_until_ns = 0

    def arm(self, fault: Fault) -> None:
        """
        Arm a fault; it may fire from the next image on.

        :raises FaultError: on a kind that does not act on images, or an id that was used before.
        """
        kind = find_kind(fault.kind)
        if kind.place is not Place.STREAM:
            raise FaultError(
                f"'{kind.name}' acts in a detector; accepted target: {kind.default_target}"
            )
        self._armoury.arm(ArmedFault(fault), 'waits for an image')

    def clear(self, fault_id: str) -> bool:
        """Clear one fault, or all if no id is given; return whether there was one."""
        return self._armoury.clear(fault_id)

    def pass_on(self, stamp_ns: int, pixels: Pixels, source: object = None) -> list[Passing]:
        """Return what goes on now that this image (uint8, H x W x C) has come, in order."""
        self._armoury.begin_frame(stamp_ns)
        passing: Passing | None = Passing(
            stamp_ns=stamp_ns, pixels=pixels, release_ns=time.monotonic_ns(), source=source
        )
        hold = False
        for armed in self._armoury.armed:
            if not armed.active or passing is None:
                continue
            if armed.fault.kind == REORDER:
                if self._held:  # this is the one that passes first
                    continue
                hold = True
                self._fired(armed, stamp_ns, 'held until the next one has passed')
            else:
                passing = self._strike(armed, passing)
        self._before = pixels
        if passing is not None and passing.release_ns < self._closed_until_ns:
            passing = None
        if passing is not None and hold:
            self._held.append(passing)
            return []
        held, self._held = self._held, []
        now = time.monotonic_ns()
        late = [replace(one, release_ns=max(one.release_ns, now)) for one in held]
        return [*([passing] if passing is not None else []), *late]

    def _strike(self, armed: ArmedFault, passing: Passing) -> Passing | None:
        if armed.fault.kind == PARTITION:
            milliseconds = float(armed.fault.parameters['partition_ms'])
            self._closed_until_ns = time.monotonic_ns() + round(milliseconds * 1e6)
            self._fired(armed, passing.stamp_ns, f'nothing passes for {milliseconds:g} ms')
            return None
        moment = Moment(fault=armed.fault, rng=armed.rng(), before=self._before)
        after, what = EFFECTS[armed.fault.kind](moment, passing)
        self._fired(armed, passing.stamp_ns, what)
        return after

    def _fired(self, armed: ArmedFault, stamp_ns: int, what: str) -> None:
        armed.fired()
        self._armoury.emit(armed, FaultState.FIRED, what, stamp_ns)
        if armed.fault.persistence is Persistence.TRANSIENT and self._armoury.remove(armed):
            self._armoury.emit(armed, FaultState.CLEARED, 'fired once', stamp_ns)
