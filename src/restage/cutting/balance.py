# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Choose cuts so that the stages take about the same time and hand little over."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from restage.cutting.network import Cut, Network

# So much longer than it must the longest stage may be, if less is handed over that way.
SLACK = 1.2
# A stage shorter than that part of the mean is none worth having.
SHORTEST = 0.3


def balanced(cuts: Sequence[Cut], costs: Sequence[float], stages: int) -> list[Cut]:
    """
    Return at most ``stages - 1`` of ``cuts``.

    The longest stage is no longer than ``SLACK`` times what is possible; of what is left, that with
    the fewest bytes handed over. Where the cuts allow no stages of some length, there are fewer.

    :param costs: of what lies before each of ``cuts``, since the one before it, and behind the
        last.
    """
    before = [0.0]
    for cost in costs:
        before.append(before[-1] + cost)
    for count in range(min(stages - 1, len(cuts)), 0, -1):
        shortest = SHORTEST * before[-1] / (count + 1)
        table = _Places(before, shortest)
        longest = table.least([0] * len(cuts), count, float('inf'))
        if longest is None:
            continue
        bound = SLACK * table.longest(longest)
        chosen = table.least([cut.nbytes for cut in cuts], count, bound)
        return [cuts[place] for place in chosen or longest]
    return []


class _Places:
    """Where there can be cuts: ``before[n + 1]`` is what lies before place n."""

    def __init__(self, before: Sequence[float], shortest: float) -> None:
        self._before = before
        self._shortest = shortest

    def longest(self, chosen: Sequence[int]) -> float:
        """Return the longest stage."""
        ends = [0.0, *(self._before[place + 1] for place in chosen), self._before[-1]]
        return max(end - start for start, end in pairwise(ends))

    def least(self, sizes: Sequence[int], count: int, bound: float) -> tuple[int, ...] | None:
        """
        Return ``count`` places with the least sum of ``sizes``, and of these the shortest stages.

        None when none has all stages within ``bound``.
        """
        table: dict[int, tuple[tuple[float, float], tuple[int, ...]]] = {-1: ((0.0, 0.0), ())}
        for _ in range(count):
            following: dict[int, tuple[tuple[float, float], tuple[int, ...]]] = {}
            for last, ((size, longest), chosen) in table.items():
                for place in range(last + 1, len(sizes)):
                    spent = self._before[place + 1] - self._before[last + 1]
                    if not self._shortest <= spent <= bound:
                        continue
                    new = (size + sizes[place], max(longest, spent))
                    if place not in following or new < following[place][0]:
                        following[place] = (new, (*chosen, place))
            table = following
        ends = []
        for last, ((size, longest), chosen) in table.items():
            rest = self._before[-1] - self._before[last + 1]
            if self._shortest <= rest <= bound:
                ends.append(((size, max(longest, rest)), chosen))
        return min(ends)[1] if ends else None


def by_arithmetic(network: Network, stages: int) -> list[Cut]:
    """Return cuts for about equal stages, the same on every machine."""
    return balanced(network.cuts, network.costs(), stages)
