# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The plan of a road: lanes, edges, what lies beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STYLES = ('street', 'avenue', 'highway')


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A lane: centre ``x`` (m) and signed speed along the road (m/s; negative comes closer)."""

    x: float
    speed: float
    parked: bool = False


@dataclass(frozen=True, kw_only=True)
class Layout:
    """
    Where things are across the road, in metres from the centre of the ego lane.

    ``left``/``right`` are the road edges, ``marks`` lane borders as (x, dashed), ``walk`` the
    width of the pavement (0: a grass verge), ``wall`` the distance of the buildings or trees.
    """

    style: str
    ego_speed: float
    lanes: tuple[Lane, ...]
    left: float
    right: float
    marks: tuple[tuple[float, bool], ...]
    walk: float
    wall: float
    rails: tuple[float, ...]


def _mirrored(layout: Layout) -> Layout:
    return Layout(
        style=layout.style,
        ego_speed=layout.ego_speed,
        lanes=tuple(Lane(x=-n.x, speed=n.speed, parked=n.parked) for n in layout.lanes),
        left=-layout.right,
        right=-layout.left,
        marks=tuple((-x, dashed) for x, dashed in layout.marks),
        walk=layout.walk,
        wall=layout.wall,
        rails=tuple(-x for x in layout.rails),
    )


def make_layout(rng: np.random.Generator) -> Layout:
    """Draw a road: a two-way street, a four-lane avenue or a highway; either traffic side."""
    style = STYLES[int(rng.choice(3, p=[0.45, 0.35, 0.2]))]
    wide = float(rng.uniform(3.3, 3.7))
    if style == 'street':
        ego = float(rng.uniform(7.0, 12.0))
        park = bool(rng.random() < 0.5)
        lanes = [Lane(x=0.0, speed=ego), Lane(x=-wide, speed=-ego * rng.uniform(0.7, 1.1))]
        if park:
            lanes.append(Lane(x=wide * 0.5 + 1.2, speed=0.0, parked=True))
        right = wide * 0.5 + (2.5 if park else 0.4)
        layout = Layout(
            style=style,
            ego_speed=ego,
            lanes=tuple(lanes),
            left=-1.5 * wide - 0.4,
            right=right,
            marks=((-wide / 2, True),),
            walk=float(rng.uniform(2.5, 4.0)),
            wall=float(rng.uniform(10.0, 14.0)),
            rails=(),
        )
    elif style == 'avenue':
        ego = float(rng.uniform(9.0, 15.0))
        lanes = [
            Lane(x=0.0, speed=ego),
            Lane(x=wide, speed=ego - rng.uniform(1, 4)),
            Lane(x=-wide, speed=-ego),
            Lane(x=-2 * wide, speed=-ego * 0.85),
        ]
        layout = Layout(
            style=style,
            ego_speed=ego,
            lanes=tuple(lanes),
            left=-2.5 * wide - 0.3,
            right=1.5 * wide + 0.3,
            marks=(
                (wide / 2, True),
                (-wide / 2, False),
                (-wide / 2 - 0.25, False),
                (-1.5 * wide, True),
            ),
            walk=float(rng.uniform(2.5, 4.5)),
            wall=float(rng.uniform(14.0, 18.0)),
            rails=(),
        )
    else:
        ego = float(rng.uniform(16.0, 22.0))
        lanes = [
            Lane(x=0.0, speed=ego),
            Lane(x=-wide, speed=ego + rng.uniform(1, 4)),
            Lane(x=wide, speed=ego - rng.uniform(2, 5)),
            Lane(x=-3.2 * wide, speed=-ego * 0.8),
        ]
        layout = Layout(
            style=style,
            ego_speed=ego,
            lanes=tuple(lanes),
            left=-3.8 * wide,
            right=2.4 * wide,
            marks=((wide / 2, True), (1.5 * wide, False), (-wide / 2, True), (-1.5 * wide, False)),
            walk=0.0,
            wall=float(rng.uniform(17.0, 22.0)),
            rails=(-2.1 * wide, 2.4 * wide + 0.4),
        )
    return _mirrored(layout) if rng.random() < 0.5 else layout
