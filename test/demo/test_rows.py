# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
from restage_msgs.msg import FaultEvent, RecoveryEvent

from restage.camera.frame_log import FrameRecord
from restage.demo.frames import FrameAccounts, Output
from restage.demo.golden import Golden
from restage.demo.rows import make_rows
from restage.faults.scenario import Expect
from restage.nodes.stamps import from_ns

PLAN = [('a', 'nn.neuron.nan', 'neck')]
EXPECT = {'a': Expect(tier='retry_stage', recovers_within_ms=30.0, frames_lost_at_most=0)}


def fired(stamp_ns: int = 7) -> FaultEvent:
    return FaultEvent(id='a', state=FaultEvent.FIRED, stage='neck', frame=from_ns(stamp_ns))


def recovery(**changes) -> RecoveryEvent:
    values = {
        'fault_id': 'a',
        'tier': 'retry_stage',
        'frame': from_ns(7),
        'injected_ns': 1_000_000,
        'detected_ns': 2_000_000,
        'first_good_output_ns': 21_000_000,
    }
    return RecoveryEvent(**{**values, **changes})


def test_a_recovery_within_its_goal_has_no_problem() -> None:
    (row,) = make_rows(PLAN, EXPECT, [fired()], [recovery()], [], [])
    assert row.problems == ()
    assert row.outcome == 'retry_stage'
    assert (row.after_injection_ms('detected'), row.total_ms) == (1.0, 20.0)
    assert row.after_injection_ms('restored') is None
    assert row.bit_identical is True


def test_every_broken_expectation_is_said() -> None:
    event = recovery(tier='failover', frames_lost=2, first_good_output_ns=90_000_000, outcome=1)
    (row,) = make_rows(PLAN, EXPECT, [fired()], [event], [], [7])
    text = '; '.join(row.problems)
    for part in ('tier failover', 'frame was lost', '2 frames lost', '89.0 ms', 'fault-free'):
        assert part in text


def test_a_fault_that_nobody_saw_is_masked_or_silent_corruption() -> None:
    flip = [('a', 'nn.neuron.bit_flip', 'neck')]
    assert make_rows(flip, {}, [fired()], [], [], [])[0].outcome == 'masked'
    assert make_rows(flip, {}, [fired()], [], [7], [])[0].outcome == 'SDC'


def test_a_fault_that_did_not_fire_or_was_rejected_is_a_problem() -> None:
    assert make_rows(PLAN, EXPECT, [], [], [], [])[0].problems == ('it did not fire',)
    no = FaultEvent(id='a', state=FaultEvent.REJECTED, detail='not allowed')
    assert make_rows(PLAN, EXPECT, [no], [], [], [])[0].problems == ('rejected: not allowed',)


def test_an_error_that_nobody_injected_gets_a_row_of_its_own() -> None:
    rows = make_rows(PLAN, EXPECT, [fired()], [recovery(), recovery(fault_id='')], [], [])
    assert len(rows) == 2
    assert 'nobody injected' in rows[1].problems[0]


def test_frames_are_matched_by_stamp_and_compared_bit_for_bit() -> None:
    boxes = np.arange(6.0).reshape(1, 6)
    records = {stamp: FrameRecord(stamp, index, 0, 0) for index, stamp in enumerate((10, 20, 30))}
    outputs = {
        10: Output(10, 2_000_000, boxes),
        20: Output(20, 4_000_000, np.nextafter(boxes, 9)),
    }
    accounts = FrameAccounts(records, outputs, 0, 0)
    golden = {index: Golden(boxes, None) for index in range(3)}
    assert accounts.lost == [30]
    assert accounts.differing(golden) == [20]
    assert accounts.latencies_ms() == [2.0, 4.0]


def test_an_outcome_that_was_expected_is_no_problem_and_another_one_is() -> None:
    drop = [('a', 'input.drop', '')]
    lost = {'a': Expect(tier='none', outcome='frame_lost')}
    assert make_rows(drop, lost, [fired()], [], [], [7])[0].problems == ()
    (row,) = make_rows(drop, lost, [fired()], [], [], [])
    assert row.problems == ('outcome masked instead of frame_lost',)
    no = FaultEvent(id='a', state=FaultEvent.REJECTED, detail='no GPU')
    gpu = [('a', 'gpu.oom', '')]
    assert make_rows(gpu, {'a': Expect(outcome='rejected')}, [no], [], [], [])[0].problems == ()
    (row,) = make_rows(gpu, {'a': Expect(outcome='recovered')}, [no], [], [], [])
    assert row.problems == ('outcome rejected instead of recovered (no GPU)',)


def test_silent_corruption_may_be_expected() -> None:
    box = [('a', 'output.box', 'decode')]
    sdc = {'a': Expect(outcome='sdc')}
    assert make_rows(box, sdc, [fired()], [], [7], [])[0].problems == ()
    assert make_rows(box, sdc, [fired()], [], [], [])[0].problems == (
        'outcome masked instead of sdc',
    )
