# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Endless traffic as a pure function of time: slots that carry one object after another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Slot:
    """
    A conveyor along the road: its object leaves at one end and a new one enters at the other.

    ``x`` lateral place (m), ``relative`` speed against the ego vehicle (m/s), objects live
    between ``near`` and ``far`` (m ahead), ``phase`` is the place at time 0 (m after
    ``near``), ``drift`` lateral speed (m/s), ``heading`` in radians (0: away from the camera),
    ``wobble`` amplitude of a slow sway along the road (m), ``pace`` walking speed (m/s),
    ``fill`` the share of spawns that are not left empty.
    """

    index: int
    kind: str
    x: float
    relative: float
    near: float
    far: float
    phase: float
    heading: float = 0.0
    drift: float = 0.0
    wobble: float = 0.0
    pace: float = 0.0
    fill: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a slot's object is: lateral and depth in metres, and which spawn it is."""

    slot: Slot
    x: float
    z: float
    spawn: int

    @property
    def track_id(self) -> int:
        """Return an id that this spawn keeps for its whole life."""
        return self.slot.index * 1_000_000 + self.spawn % 1_000_000

    def generator(self, seed: int) -> np.random.Generator:
        """Return the random generator of this spawn's looks."""
        return np.random.default_rng([seed, self.slot.index, self.spawn % 1_000_000])


def locate(slot: Slot, time: float) -> Place:
    """Return where the slot's object is at ``time`` seconds."""
    span = slot.far - slot.near
    along = slot.phase + slot.relative * time
    spawn = int(np.floor(along / span))
    rest = along - spawn * span
    x = slot.x
    if slot.drift and slot.relative:
        lived = (span - rest if slot.relative < 0 else rest) / abs(slot.relative)
        x += slot.drift * lived
    sway = slot.wobble * float(np.sin(0.4 * time + 1.7 * slot.index))
    return Place(slot=slot, x=x, z=slot.near + rest + sway, spawn=spawn)
