# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
The best boundaries, exactly.

A set of boundaries cuts the frame into segments; its worst case is the dearest segment: the read
of the boundary the segment begins at, and all of its stages. For a bound on the worst case the
cheapest set is a shortest path over the segments within the bound. Beginning without a bound,
each answer's worst case, less 1 ns, is the next bound: that visits every worst case that matters
and yields the trade-off of overhead against worst case.
"""

from __future__ import annotations

from collections.abc import Sequence

from restage.checkpoint.boundaries import IMAGE, NO_CHECKPOINT
from restage.plan.choice import Choice, judge
from restage.plan.profile import Profile

# Cost in ns, number of boundaries, the boundaries: what is less is preferred.
_Chain = tuple[int, int, tuple[int, ...]]


def trade_off(profile: Profile, *, store_image: bool = False) -> tuple[Choice, ...]:
    """
    Return every choice that no other one beats, from the cheapest to the one with least to lose.

    Among equals those with fewer boundaries are preferred, then earlier ones.

    :param store_image: consider only choices that store the image.
    """
    edges = _edges(profile)
    front: list[Choice] = []
    bound: int | None = None
    while (chain := _cheapest(profile, edges, bound, store_image=store_image)) is not None:
        choice = judge(profile, chain)
        if front and front[-1].write_ns == choice.write_ns:
            front.pop()
        front.append(choice)
        bound = choice.worst_ns - 1
    return tuple(front)


def best(front: Sequence[Choice], cap_ns: float) -> Choice | None:
    """Return the choice of ``front`` with the least worst case that writes within ``cap_ns``."""
    return next((choice for choice in reversed(front) if choice.write_ns <= cap_ns), None)


def _edges(profile: Profile) -> dict[tuple[int, int], tuple[int, int]]:
    """Return worst case and write cost of each segment, by its boundaries (begin, end)."""
    return {
        (begin, end): (profile.recovery_ns(begin, end), profile.write_ns(begin, end))
        for begin in range(NO_CHECKPOINT, profile.last)
        for end in range(begin + 1, profile.last + 1)
    }


def _cheapest(
    profile: Profile,
    edges: dict[tuple[int, int], tuple[int, int]],
    bound: int | None,
    *,
    store_image: bool,
) -> tuple[int, ...] | None:
    """Return the cheapest boundaries whose segments are all within ``bound``, None if none are."""
    start: _Chain = (0, 0, ())
    chains = {NO_CHECKPOINT: start}
    if store_image:
        chains = {IMAGE: (profile.write_ns(NO_CHECKPOINT, IMAGE), 1, (IMAGE,))}
    for end in range(IMAGE, profile.last + 1):
        ways = [
            (cost + edges[begin, end][1], count + 1, (*chain, end))
            for begin, (cost, count, chain) in chains.items()
            if begin < end and (bound is None or edges[begin, end][0] <= bound)
        ]
        if ways:
            chains[end] = min(ways)
    ends = [
        chain
        for begin, chain in chains.items()
        if begin == profile.last or bound is None or edges[begin, profile.last][0] <= bound
    ]
    return min(ends)[2] if ends else None
