# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A fault that waits for its frame."""

from __future__ import annotations

import time
from collections.abc import Iterable
from random import Random

from restage.faults.command import Fault
from restage.faults.taxonomy import find_kind


class ArmedFault:
    """
    A fault, the stage it will hit, and whether it may fire on the frame in work.

    The choices made with the seed (stage, frames, elements) come from streams of their own,
    so that one does not shift the other. ``stage`` is empty where there are no stages.
    """

    def __init__(self, fault: Fault, stage: str = '') -> None:
        self.fault = fault
        self.kind = find_kind(fault.kind)
        self.stage = stage
        self.active = False
        self.memory: dict[str, object] = {}
        self._firing = fault.firing
        self._frame_rng = Random(f'{fault.seed}/frames')
        self._frames_to_pass = fault.after_frames
        self._stamp_ns: int | None = None
        self._armed_ns = time.monotonic_ns()

    def rng(self) -> Random:
        """Return the random numbers for the next firing; those of each are its own."""
        return Random(f'{self.fault.seed}/effect/{self._firing}')

    def fired(self) -> None:
        """Note that it has fired."""
        self._firing += 1

    @property
    def over(self) -> str:
        """Why it will not fire any more; empty as long as it may."""
        fault = self.fault
        if fault.duration_s and time.monotonic_ns() > self._armed_ns + fault.duration_s * 1e9:
            return f'its {fault.duration_s:g} s are over'
        if fault.frame_ns and self._stamp_ns is not None and self._stamp_ns > fault.frame_ns:
            return f'its frame {fault.frame_ns} is over'
        return ''

    def begin_frame(self, stamp_ns: int) -> None:
        """Decide, once per frame, whether the fault may fire on it."""
        if stamp_ns == self._stamp_ns:
            return
        self._stamp_ns = stamp_ns
        if self.fault.frame_ns and stamp_ns != self.fault.frame_ns:
            self.active = False
            return
        if self._frames_to_pass:
            self._frames_to_pass -= 1
            return
        self.active = self._frame_rng.random() < self.fault.probability


def first_of_each(due: Iterable[ArmedFault]) -> list[ArmedFault]:
    """
    Return ``due`` without the later ones of several recorded firings of one fault on one frame.

    Each of them was in a run of the stage of its own, after an error in the one before.
    """
    found: dict[object, ArmedFault] = {}
    for number, armed in enumerate(due):
        fault = armed.fault
        key = (fault.kind, fault.seed, fault.frame_ns) if fault.frame_ns else number
        if key in found and found[key].fault.firing == fault.firing:
            key = number
        if key not in found or fault.firing < found[key].fault.firing:
            found[key] = armed
    return list(found.values())
