# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which episode comes when: decided by the seed and the number of the episode alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from restage.faults.taxonomy import find_kind
from restage.soak.episode import (
    INJECTOR,
    PRIMARY,
    RECOVERY,
    STANDBY,
    Action,
    Blow,
    Episode,
    Strike,
)
from restage.soak.kinds import may_last, random_fault

# How often each shape comes, in parts of the sum.
SHAPES = {'single': 40, 'lasting': 12, 'pair': 14, 'burst': 10, 'signal': 16, 'double': 8}
# Every so many episodes one is under load.
LOAD_PROBABILITY = 0.15
SIGNALS = (
    (PRIMARY, 'SIGKILL'),
    (PRIMARY, 'SIGSTOP'),
    (PRIMARY, 'SIGABRT'),
    (STANDBY, 'SIGKILL'),
    (STANDBY, 'SIGSTOP'),
    (RECOVERY, 'SIGKILL'),
    (INJECTOR, 'SIGKILL'),
)
DOUBLES = (
    (PRIMARY, STANDBY),
    (STANDBY, PRIMARY),
    (RECOVERY, PRIMARY),
    (PRIMARY, RECOVERY),
    (RECOVERY, STANDBY),
    (INJECTOR, PRIMARY),
)


class Planner:
    """Makes the same episode for the same seed and number, whichever came before."""

    def __init__(self, seed: int, kinds: Sequence[str]) -> None:
        """Choose among ``kinds`` of faults."""
        self._seed = seed
        self._kinds = tuple(kinds)
        self._lasting = tuple(name for name in kinds if may_last(find_kind(name)))

    def episodes(self, first: int = 0) -> Iterator[Episode]:
        """Yield episodes without end from number ``first`` on."""
        number = first
        while True:
            yield self.episode(number)
            number += 1

    def episode(self, number: int) -> Episode:
        """Return episode ``number``, from 0."""
        rng = Random(f'{self._seed}/{number}')
        shape = rng.choices(list(SHAPES), weights=list(SHAPES.values()))[0]
        make = {
            'single': self._single,
            'lasting': self._last,
            'pair': self._pair,
            'burst': self._burst,
            'signal': self._signal,
            'double': self._double,
        }[shape]
        load = rng.randint(1, 2) if rng.random() < LOAD_PROBABILITY else 0
        actions = sorted(make(rng, number), key=lambda action: action.at_s)
        return Episode(number=number, shape=shape, actions=tuple(actions), load=load)

    def _single(self, rng: Random, number: int) -> list[Action]:
        # A shuffled deck at a time, so that every kind has its turn.
        turn, place = divmod(number, len(self._kinds))
        deck = list(self._kinds)
        Random(f'{self._seed}/deck/{turn}').shuffle(deck)
        return [self._strike(rng, number, 0, deck[place], 0.0)]

    def _last(self, rng: Random, number: int) -> list[Action]:
        kind = rng.choice(self._lasting)
        return [self._strike(rng, number, 0, kind, 0.0, lasting=True)]

    def _pair(self, rng: Random, number: int) -> list[Action]:
        kinds = rng.choices(self._kinds, k=2)
        times = (0.0, rng.choice((0.0, rng.uniform(0.0, 0.1), rng.uniform(0.1, 1.0))))
        return [self._any(rng, number, i, kind, times[i]) for i, kind in enumerate(kinds)]

    def _burst(self, rng: Random, number: int) -> list[Action]:
        kinds = rng.choices(self._kinds, k=rng.randint(3, 6))
        return [
            self._any(rng, number, i, kind, rng.uniform(0.0, 1.5)) for i, kind in enumerate(kinds)
        ]

    def _signal(self, rng: Random, _number: int) -> list[Action]:
        target, signal = rng.choice(SIGNALS)
        return [Blow(at_s=rng.uniform(0.0, 0.1), target=target, signal=signal)]

    def _double(self, rng: Random, _number: int) -> list[Action]:
        first, second = rng.choice(DOUBLES)
        later = rng.choice((0.0, rng.uniform(0.0, 0.1), rng.uniform(0.1, 2.0)))
        return [
            Blow(at_s=0.0, target=first, signal='SIGKILL'),
            Blow(at_s=later, target=second, signal='SIGKILL'),
        ]

    def _any(self, rng: Random, number: int, index: int, kind: str, at_s: float) -> Strike:
        lasting = kind in self._lasting and rng.random() < 0.3
        return self._strike(rng, number, index, kind, at_s, lasting=lasting)

    def _strike(
        self, rng: Random, number: int, index: int, kind: str, at_s: float, *, lasting: bool = False
    ) -> Strike:
        fault_id = f'soak-{self._seed}-{number}-{index}'
        return Strike(at_s=at_s, fault=random_fault(rng, kind, fault_id, lasting=lasting))
