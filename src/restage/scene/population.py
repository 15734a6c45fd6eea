# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Who is on the road: the slots of a scene."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from restage.scene.furniture import RAIL_LENGTH
from restage.scene.layout import Layout
from restage.scene.slots import Slot

REACH = 70.0  # vehicles, metres ahead
FOOT_REACH = 38.0  # pedestrians and cyclists
SIGN_REACH = 40.0


class Population:
    """Fills a layout with vehicles, people, signs and street furniture."""

    def __init__(self, layout: Layout, rng: np.random.Generator) -> None:
        """Keep what the slots are drawn from."""
        self._layout = layout
        self._rng = rng
        self._slots: list[Slot] = []

    def build(self) -> tuple[Slot, ...]:
        """Return all slots of the scene."""
        self._vehicles()
        self._people()
        self._cyclists()
        self._roadside()
        return tuple(self._slots)

    def _add(
        self,
        kind: str,
        x: float,
        relative: float,
        near: float,
        far: float,
        phase: float,
        **more: float,
    ) -> None:
        self._slots.append(
            Slot(
                index=len(self._slots) + 1,
                kind=kind,
                x=float(x),
                relative=float(relative),
                near=near,
                far=far,
                phase=float(phase),
                **more,
            )
        )

    def _spread(self, count: int, span: float) -> Iterator[float]:
        start = self._rng.uniform(0, span)
        for step in range(count):
            yield start + (step + self._rng.uniform(-0.2, 0.2)) * span / count

    def _vehicles(self) -> None:
        rng, ego = self._rng, self._layout.ego_speed
        for lane in self._layout.lanes:
            heading = np.pi if lane.speed < 0 else 0.0
            if lane.x == 0.0:  # vehicles ahead in our own lane keep their distance
                place = rng.uniform(9, 22)
                while place < REACH:
                    self._add(
                        'vehicle',
                        rng.uniform(-0.2, 0.2),
                        0.0,
                        0.0,
                        400.0,
                        place,
                        wobble=rng.uniform(0.5, 3.0),
                        fill=0.8,
                    )
                    place += rng.uniform(16, 34)
                continue
            count = int(rng.integers(3, 6)) if lane.parked else int(rng.integers(2, 4))
            for phase in self._spread(count, REACH + 12):
                kind = 'parked' if lane.parked else 'vehicle'
                self._add(
                    kind,
                    lane.x + rng.uniform(-0.15, 0.15),
                    lane.speed - ego,
                    -12.0,
                    REACH,
                    phase,
                    heading=heading,
                    fill=0.75,
                )

    def _people(self) -> None:
        layout, rng = self._layout, self._rng
        if not layout.walk:
            return
        for edge, out in ((layout.left, -1), (layout.right, 1)):
            for phase in self._spread(int(rng.integers(1, 4)), FOOT_REACH):
                x = edge + out * rng.uniform(0.5, max(layout.walk - 0.3, 0.8))
                pace = float(rng.choice([0.0, 1.0, 1.3, 1.5], p=[0.2, 0.2, 0.3, 0.3]))
                away = rng.random() < 0.5
                self._add(
                    'pedestrian',
                    x,
                    (pace if away else -pace) - layout.ego_speed,
                    0.0,
                    FOOT_REACH,
                    phase,
                    heading=0.0 if away else np.pi,
                    pace=pace,
                    fill=0.85,
                )
        for phase in self._spread(int(rng.integers(1, 3)), FOOT_REACH):
            way = 1.0 if rng.random() < 0.5 else -1.0
            start = layout.left - 0.5 if way > 0 else layout.right + 0.5
            pace = rng.uniform(1.1, 1.7)
            self._add(
                'pedestrian',
                start + way * rng.uniform(0, 4),
                -layout.ego_speed,
                0.0,
                FOOT_REACH,
                phase,
                heading=way * np.pi / 2,
                drift=way * pace,
                pace=pace,
                fill=0.7,
            )

    def _cyclists(self) -> None:
        layout, rng = self._layout, self._rng
        if not layout.walk:
            return
        near, far = sorted((layout.left, layout.right), key=abs)
        parked = any(lane.parked for lane in layout.lanes)
        inset = 2.8 if parked else 0.7
        for phase in self._spread(int(rng.integers(1, 4)), FOOT_REACH):
            x = near - np.sign(near) * inset
            self._add('cyclist', x, rng.uniform(-6, -2), 0.0, FOOT_REACH, phase, pace=4.5, fill=0.8)
        for phase in self._spread(int(rng.integers(1, 3)), FOOT_REACH):
            self._add(
                'cyclist',
                far - np.sign(far) * 0.6,
                -layout.ego_speed - 4.5,
                0.0,
                FOOT_REACH,
                phase,
                heading=np.pi,
                pace=4.5,
                fill=0.8,
            )
        for phase in self._spread(int(rng.integers(0, 2)), FOOT_REACH):
            way = 1.0 if rng.random() < 0.5 else -1.0
            start = layout.left - 2.0 if way > 0 else layout.right + 2.0
            self._add(
                'cyclist',
                start,
                -layout.ego_speed,
                0.0,
                FOOT_REACH,
                phase,
                heading=way * np.pi / 2,
                drift=way * rng.uniform(2.5, 4),
                pace=3.5,
                fill=0.7,
            )

    def _roadside(self) -> None:
        layout, rng = self._layout, self._rng
        ego = layout.ego_speed
        edges = ((layout.left, -1.0), (layout.right, 1.0))
        for edge, out in edges:
            for phase in self._spread(int(rng.integers(1, 4)), SIGN_REACH):
                x = edge + out * rng.uniform(0.5, 1.1)
                self._add('sign', x, -ego, 0.0, SIGN_REACH, phase, fill=0.85)
            if rng.random() < 0.7:
                x = edge + out * max(layout.walk + 1.5, 4.0)
                for phase in self._spread(int(rng.integers(2, 5)), REACH):
                    self._add('tree', x, -ego, 3.0, REACH + 3, phase, fill=0.85)
            if rng.random() < 0.6:
                for step in range(3):
                    self._add('lamp', edge + out * 0.7, -ego, 0.0, 75.0, step * 25.0)
        for x in layout.rails:
            for step in range(4):
                self._add('rail', x, -ego, -RAIL_LENGTH / 2, 84.0, step * RAIL_LENGTH)
