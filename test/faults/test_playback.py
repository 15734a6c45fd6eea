# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The playing of a scenario and the count of events, on a made-up clock."""

from __future__ import annotations

import pytest

from restage.faults.command import Fault
from restage.faults.enums import FaultState, When
from restage.faults.playback import REPORT_GRACE_S, Playback
from restage.faults.record import FaultRecord
from restage.faults.tally import FaultTally
from restage.faults.taxonomy import KINDS


@pytest.fixture
def playback():
    times = [('a', 1.0), ('b', 1.0), ('c', 3.0)]
    return Playback(
        [(at_s, Fault(id=name, kind='proc.kill', when=When.DURING)) for name, at_s in times]
    )


def test_nothing_is_due_before_the_start(playback):
    assert playback.due(1e9) == []
    assert playback.wait_s(0.0) == float('inf')
    assert not playback.finished(1e9)


def test_each_fault_is_due_once(playback):
    playback.start(10.0)
    assert playback.due(10.9) == []
    assert playback.wait_s(10.9) == pytest.approx(0.1)
    assert [fault.id for fault in playback.due(11.5)] == ['a', 'b']
    assert playback.due(11.5) == []
    assert (playback.commanded, playback.total) == (2, 3)
    assert playback.next_fault.id == 'c'
    assert [fault.id for fault in playback.due(99.0)] == ['c']
    assert playback.next_fault is None


def test_finished_when_all_are_answered(playback):
    playback.start(0.0)
    playback.due(5.0)
    playback.answered('a', FaultState.FIRED)
    playback.answered('b', FaultState.ARMED)
    playback.answered('stranger', FaultState.FIRED)
    playback.answered('c', FaultState.REJECTED)
    assert (playback.unreported, playback.finished(5.0)) == (1, False)
    playback.answered('b', FaultState.FIRED)
    assert playback.finished(5.0)


def test_finished_when_reports_are_overdue(playback):
    playback.start(0.0)
    playback.due(5.0)
    assert not playback.finished(5.0 + REPORT_GRACE_S - 0.1)
    assert playback.finished(5.0 + REPORT_GRACE_S)
    assert playback.unreported == 3


def test_tally_counts_each_fault_once():
    tally = FaultTally()

    def note(fault_id: str, state: FaultState, kind: str = 'nn.neuron.nan') -> bool:
        return tally.note(FaultRecord(id=fault_id, kind=kind, state=state))

    assert note('a', FaultState.ARMED)
    assert note('a', FaultState.FIRED)
    assert not note('a', FaultState.FIRED)
    assert tally.counts() == {'armed': 1, 'fired': 1, 'rejected': 0, 'firings': 2}
    assert note('a', FaultState.CLEARED)
    note('k', FaultState.ARMED, 'proc.kill')
    note('k', FaultState.FIRED, 'proc.kill')
    note('r', FaultState.REJECTED)
    assert tally.counts() == {'armed': 0, 'fired': 2, 'rejected': 1, 'firings': 3}


@pytest.mark.parametrize('kind', [kind.name for kind in KINDS])
def test_a_deadly_fault_is_not_armed_any_more_once_it_has_fired(kind):
    tally = FaultTally()
    for state in (FaultState.ARMED, FaultState.FIRED):
        tally.note(FaultRecord(id='f', kind=kind, state=state))
    deadly = kind.startswith('proc.') or kind in ('timing.hang', 'mem.null_deref')
    assert tally.counts()['armed'] == (0 if deadly else 1)
