# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from restage.faults.taxonomy import KINDS
from restage.soak.bounds import bound_ms, is_single
from restage.soak.episode import Blow, Episode, Strike
from restage.soak.kinds import kinds_here
from restage.soak.plan import DOUBLES, SHAPES, SIGNALS, Planner
from restage.soak.settings import SoakSettings

NAMES = tuple(kind.name for kind in KINDS)


def test_an_episode_depends_on_seed_and_number_alone() -> None:
    planner = Planner(7, NAMES)
    later = list(zip(range(30), planner.episodes(), strict=False))
    assert [episode for _, episode in later] == [Planner(7, NAMES).episode(k) for k in range(30)]
    assert Planner(8, NAMES).episode(3) != planner.episode(3)


def test_in_an_hour_every_kind_signal_and_shape_has_its_turn() -> None:
    episodes = [Planner(1, NAMES).episode(number) for number in range(360)]
    actions = [action for episode in episodes for action in episode.actions]
    assert {episode.shape for episode in episodes} == set(SHAPES)
    assert {one.fault.kind for one in actions if isinstance(one, Strike)} == set(NAMES)
    signals = {(one.target, one.signal) for one in actions if isinstance(one, Blow)}
    assert signals >= set(SIGNALS)
    pairs = {
        tuple(action.target for action in episode.actions)
        for episode in episodes
        if episode.shape == 'double'
    }
    assert pairs == set(DOUBLES)
    assert any(episode.load for episode in episodes)


def test_what_is_excluded_is_what_needs_a_gpu() -> None:
    there, missing = kinds_here()
    assert set(there) | set(missing) == set(NAMES)
    assert all(name.startswith('gpu.') for name in missing)


@pytest.mark.parametrize(
    ('shape', 'load', 'wanted'), [('single', 0, 310.0), ('single', 2, 2310.0), ('pair', 0, 45e3)]
)
def test_bounds(shape, load, wanted) -> None:
    blow = Blow(at_s=0.0, target='primary', signal='SIGKILL')
    episode = Episode(number=0, shape=shape, actions=(blow,), load=load)
    assert is_single(episode) == (shape == 'single')
    assert bound_ms(episode, SoakSettings(minutes=1.0), stolen_ms=10.0) == wanted


@pytest.mark.parametrize(
    'changed',
    [{'minutes': 0.0}, {'minutes': float('nan')}, {'episode': -1}, {'ftti_ms': float('inf')}],
)
def test_settings_that_cannot_be_are_named(changed) -> None:
    (name,) = changed
    with pytest.raises(ValueError, match=name.replace('_', '-')):
        SoakSettings(**{'minutes': 1.0, **changed})
