# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The campaign: what is injected where, and that it goes on where it was cut off."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from restage.coverage.campaign import plan, run_campaign
from restage.coverage.errors import CoverageError
from restage.coverage.fault_choice import choose_fault, network_kinds
from restage.coverage.frames import sequences
from restage.coverage.journal import Journal
from restage.coverage.rig import Rig
from restage.coverage.settings import CoverageSettings
from restage.detect.calibrate import calibrate
from restage.detect.stack import make_stack
from restage.detector import load_bundled
from restage.faults.enums import Persistence
from restage.faults.taxonomy import find_kind
from restage.weights.golden import GoldenWeights
from restage.weights.guard import WeightGuard

SETTINGS = CoverageSettings(clean_frames=6, faults=40, per_frame=10)


@pytest.fixture(scope='module')
def model():
    return load_bundled()


@pytest.fixture(scope='module')
def make_rig(model):
    guard = WeightGuard(model, GoldenWeights(model, None), 10**12, load_bundled)
    frames = [frame for one in sequences('road', 4, 5_000_000) for frame in one.frames()]
    calibration = calibrate(model, frames, 'road')
    checked = {stage.name for stage in model.stages}
    return lambda: Rig(model, make_stack(model, checked, guard, calibration), guard)


@pytest.mark.parametrize(('frames', 'faults', 'per_frame'), [(6, 40, 10), (700, 90, 9), (3, 50, 5)])
def test_every_fault_has_one_frame_and_they_are_spread_evenly(frames, faults, per_frame):
    settings = CoverageSettings(clean_frames=frames, faults=faults, per_frame=per_frame)
    planned = list(plan(settings))
    assert sum(sequence.count for sequence, _ in planned) == frames
    numbers = [n for _, chosen in planned for found in chosen.values() for n in found]
    assert numbers == list(range(faults))
    struck = [n for _, chosen in planned for n in chosen]
    assert len(struck) == min(frames, -(-faults // per_frame))


def test_the_number_and_the_seed_decide_and_kinds_take_turns():
    kinds = [find_kind(name) for name in network_kinds()]
    faults = [choose_fault(number, 21, kinds) for number in range(4 * len(kinds))]
    assert faults == [choose_fault(number, 21, kinds) for number in range(4 * len(kinds))]
    assert faults != [choose_fault(number, 22, kinds) for number in range(4 * len(kinds))]
    assert set(Counter(fault.kind for fault in faults).values()) == {4}
    lasting = [fault for fault in faults if fault.persistence is Persistence.PERMANENT]
    assert len(lasting) == 8
    assert all(fault.kind.startswith('nn.weight.') for fault in lasting)


def test_faults_change_nothing_for_those_after_them(model, make_rig, tmp_path):
    before = model.digest()
    journal = Journal(tmp_path / 'j', SETTINGS.as_data())
    run_campaign(SETTINGS, make_rig, journal)
    assert model.digest() == before
    assert len(journal.trials) == SETTINGS.faults
    assert len(journal.frames) == SETTINGS.clean_frames
    clean = Journal(tmp_path / 'k', {})
    run_campaign(CoverageSettings(clean_frames=6, faults=1, per_frame=1), make_rig, clean)
    assert [f.detections for f in clean.frames] == [f.detections for f in journal.frames]


def test_a_fault_run_from_its_stage_is_as_one_run_from_the_image(model, make_rig):
    """The prefix that is not computed again changes nothing: outcome by outcome."""
    (sequence,) = sequences('road', 1)
    (frame,) = sequence.frames()
    rig, kinds = make_rig(), [find_kind(name) for name in network_kinds()]
    rig.clean(frame)
    naive = _Naive(rig)
    for number in range(36):
        fault = choose_fault(number, 5, kinds)
        quick = rig.inject(fault)
        whole = naive.inject(fault)
        assert quick is not None
        assert whole is not None
        assert (quick.outcome, quick.detail, quick.detections) == (
            whole.outcome,
            whole.detail,
            whole.detections,
        )
        assert set(quick.alarms) == set(whole.alarms)


class _Naive:
    """The same rig with every fault run from the image."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._states = rig._states
        self._count = 0

    def inject(self, fault):
        from dataclasses import replace

        rig = self._rig
        self._count += 1
        step = rig._step

        def from_image(index, run):
            if not getattr(run, 'begun', False):
                run.begun = True
                state = {'image': self._states[0]['image']}
                for stage in rig._model.stages[:index]:
                    state.update(stage.run(state))
                run.state = state
            return step(index, run)

        rig._step = from_image
        try:
            return rig.inject(replace(fault, id=f'9{self._count:06}'))
        finally:
            del rig._step


def test_what_was_interrupted_goes_on_with_the_same_result(make_rig, tmp_path):
    settings = CoverageSettings(clean_frames=6, faults=30, per_frame=10, sources=('road', 'road2'))
    fake = partial(_two_sequences, settings)
    whole = Journal(tmp_path / 'whole', {})
    fake(make_rig, whole)
    cut = Journal(tmp_path / 'cut', {})
    with pytest.raises(RuntimeError):
        fake(_dies_at_second(make_rig), cut)
    assert 0 < len(cut.trials) < len(whole.trials)
    with (tmp_path / 'cut').open('ab') as file:
        file.write(b'{"sequence": "road", "entr')
    again = Journal(tmp_path / 'cut', {})
    fake(make_rig, again)
    assert _facts(again) == _facts(whole)
    assert _facts(Journal(tmp_path / 'cut', {})) == _facts(whole)


def _two_sequences(settings, rig, journal):
    import restage.coverage.campaign as campaign
    from restage.coverage.frames import FrameSequence, _road

    def two(_settings):
        for number in range(2):
            name = f'road:{number}'
            frames = partial(_road, name, 4_000_000 + number, 'day', 3)
            sequence = FrameSequence(name=name, count=3, frames=frames)
            yield sequence, {1: range(10 * number, 10 * number + 10)}

    original, campaign.plan = campaign.plan, two
    try:
        run_campaign(settings, rig, journal)
    finally:
        campaign.plan = original


def _dies_at_second(make_rig):
    count = iter(range(10))

    def make():
        if next(count):
            raise RuntimeError('cut')
        return make_rig()

    return make


def _facts(journal: Journal):
    return [(t.number, t.outcome, t.detail, sorted(t.alarms)) for t in journal.trials]


def test_a_journal_of_another_campaign_is_refused(tmp_path):
    path: Path = tmp_path / 'j'
    Journal(path, {'seed': 1})
    with pytest.raises(CoverageError, match='other settings; accepted: the same ones'):
        Journal(path, {'seed': 2})
    path.write_text('nonsense\n')
    with pytest.raises(CoverageError, match='no journal of a campaign'):
        Journal(path, {'seed': 1})
    path.write_text(json.dumps({'seed': 1}) + '\n{"sequence": 1}\n')
    with pytest.raises(CoverageError, match='no journal'):
        Journal(path, {'seed': 1})


@pytest.mark.parametrize(
    ('fields', 'message'),
    [
        ({'faults': 0}, 'faults is 0; accepted: at least 1'),
        ({'sources': ()}, 'no source'),
        ({'kinds': ('proc.kill',)}, "kind 'proc.kill'; accepted: nn.neuron.nan"),
    ],
)
def test_settings_that_cannot_be_are_refused(fields, message):
    with pytest.raises(CoverageError, match=message):
        CoverageSettings(**fields)
