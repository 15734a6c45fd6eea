# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Networks of one family, small to large: once by their weights, once by their input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from restage.cutting.balance import by_arithmetic
from restage.made.network import Shape
from restage.made.write import check_side, write
from restage.models.description import description_for
from restage.models.network import network_of
from restage.sizing.subject import Subject

# Most of the weights are in the last stage, as in most networks.
BLOCKS = (1, 1, 1, 3)
STAGES = 6
LEAST_WIDTH, MOST_WIDTH = 4, 512


@dataclass(frozen=True, order=True)
class Point:
    """A network: ``width`` of its first stage, ``side`` of its square input in pixels."""

    width: int
    side: int

    @property
    def name(self) -> str:
        """What its files are called."""
        return f'width_{self.width}_input_{self.side}'

    @property
    def shape(self) -> Shape:
        """The network: of twice the width it has four times the weights."""
        return Shape(blocks=BLOCKS, width=self.width, pyramid=self.width, depth=1)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """
    The networks: those of ``widths`` for an input of ``side``, and of ``width`` for ``sides``.

    :raises ValueError: for a size that is not accepted.
    """

    widths: tuple[int, ...]
    side: int
    sides: tuple[int, ...]
    width: int

    def __post_init__(self) -> None:
        for width in (*self.widths, self.width):
            if not LEAST_WIDTH <= width <= MOST_WIDTH:
                raise ValueError(f'width {width}; accepted: {LEAST_WIDTH} to {MOST_WIDTH}')
        for side in (*self.sides, self.side):
            check_side(side)

    def series(self) -> dict[str, list[Point]]:
        """Return the points of both series, in order of their sizes."""
        return {
            'weights': sorted({Point(width, self.side) for width in self.widths}),
            'input': sorted({Point(self.width, side) for side in self.sides}),
        }

    def points(self) -> list[Point]:
        """Return every point once."""
        return list(dict.fromkeys(point for points in self.series().values() for point in points))


def subjects(points: Sequence[Point], folder: Path) -> Iterator[Subject]:
    """
    Make each network when it is its turn, and remove its files after that.

    All are cut at the same places: those that are balanced for the first.

    :raises ValueError: when a network cannot be made.
    """
    cuts: list[str] | None = None
    for point in points:
        path = folder / f'{point.name}.pt2'
        if cuts is None:
            network = network_of(description_for(write(point.shape, point.side, path)))
            cuts = [one.name for one in by_arithmetic(network, STAGES)]
        described = write(point.shape, point.side, path, cuts=cuts)
        title = f'width {point.width}, input {point.side}'
        yield Subject.of(str(described), folder, title)
        path.unlink()
