# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from restage.checkpoint.progress import FaultNote
from restage.recovery.case import Outcome, RecoveryCase
from restage.recovery.cases import (
    BLAME_NS,
    GIVE_UP_NS,
    KEPT,
    REPORT_NS,
    SETTLE_NS,
    Cases,
)
from restage.recovery.ledger import FrameLedger

NOTE = FaultNote('f1', 'nn.neuron.nan', 900)


@pytest.fixture
def ledger() -> FrameLedger:
    """Frame 1 came out; 2 to 5 were published."""
    ledger = FrameLedger()
    for stamp in range(1, 6):
        ledger.on_published(stamp)
    ledger.on_detected(1)
    return ledger


@pytest.fixture
def cases(ledger: FrameLedger) -> Cases:
    return Cases(ledger)


def opened(
    cases: Cases, stamp_ns: int = 2, node: str = 'a', fault: FaultNote | None = None
) -> RecoveryCase:
    return cases.open(
        stamp_ns=stamp_ns,
        node=node,
        stage='neck',
        detector='finite',
        error='NaN',
        detected_ns=1_000,
        fault=fault,
    )


def comes_out(cases: Cases, ledger: FrameLedger, stamp_ns: int, now_ns: int) -> None:
    ledger.on_detected(stamp_ns)
    cases.on_detected(stamp_ns, now_ns)


def test_cases_are_numbered_from_one_and_found_by_their_frame(cases: Cases) -> None:
    first, second = opened(cases), opened(cases, stamp_ns=3, node='b')
    assert (first.number, second.number) == (1, 2)
    assert cases.find(2) is first
    assert cases.find(3) is second
    assert cases.find(4) is None


def test_a_case_that_has_seen_good_output_is_not_found_for_a_new_error_of_its_frame(
    cases: Cases, ledger: FrameLedger
) -> None:
    opened(cases)
    comes_out(cases, ledger, 2, 2_000)
    assert cases.find(2) is None


def test_every_tier_that_was_tried_is_listed_in_order_and_the_last_is_the_one(
    cases: Cases,
) -> None:
    case = opened(cases)
    assert (case.tier, case.tiers, case.attempts) == ('', [], 0)
    for tier in ('retry_stage', 'retry_stage', 'failover'):
        case.escalate(tier)
    assert (case.tier, case.attempts) == ('failover', 3)
    assert case.tiers == ['retry_stage', 'retry_stage', 'failover']


def test_the_tiers_of_one_case_are_not_those_of_another(cases: Cases) -> None:
    first, second = opened(cases), opened(cases, stamp_ns=3)
    first.escalate('retry_stage')
    assert second.tiers == []


def test_a_fault_is_blamed_for_the_first_error_only(cases: Cases) -> None:
    first, second = opened(cases, fault=NOTE), opened(cases, stamp_ns=3, fault=NOTE)
    assert (first.fault_id, first.fault_kind, first.injected_ns) == ('f1', 'nn.neuron.nan', 900)
    assert (second.fault_id, second.fault_kind, second.injected_ns) == ('', '', 0)


def test_a_fault_that_fires_again_is_blamed_again(cases: Cases) -> None:
    opened(cases, fault=NOTE)
    again = opened(cases, stamp_ns=3, fault=FaultNote('f1', 'nn.neuron.nan', 950))
    assert (again.fault_id, again.injected_ns) == ('f1', 950)


def test_a_case_closes_with_its_times_once_the_backlog_is_worked_off(
    cases: Cases, ledger: FrameLedger
) -> None:
    case = opened(cases)
    cases.resumed(2, 'a', 1, 1_100, 1_200)
    comes_out(cases, ledger, 2, 2_000)
    assert (case.first_good_output_ns, case.settle_after_ns) == (2_000, 5)
    assert cases.settle(2_000) == []
    for stamp in (3, 4, 5):
        comes_out(cases, ledger, stamp, 2_000 + stamp)
    assert cases.settle(2_010) == [case]
    assert list(cases.closed) == [case]
    assert cases.settle(2_010) == []
    assert (case.recovered_by, case.resumed_from) == ('a', 1)
    assert (case.restored_ns, case.resumed_ns) == (1_100, 1_200)
    assert case.first_good_output_ns == 2_000
    assert (case.outcome, case.frames_lost) == (Outcome.RECOVERED, 0)


def test_what_a_dead_node_said_before_does_not_count_when_it_comes_last(cases: Cases) -> None:
    case = opened(cases)
    cases.resumed(2, 'b', -1, 3_100, 3_200)
    cases.resumed(2, 'a', 1, 1_100, 1_200)
    assert (case.recovered_by, case.resumed_from) == ('b', -1)
    assert (case.restored_ns, case.resumed_ns) == (3_100, 3_200)


def test_a_backlog_that_does_not_come_out_is_counted_as_lost_in_the_end(
    cases: Cases, ledger: FrameLedger
) -> None:
    case = opened(cases)
    comes_out(cases, ledger, 3, 2_000)
    assert cases.settle(2_000 + SETTLE_NS) == []
    assert cases.settle(2_001 + SETTLE_NS) == [case]
    assert case.frames_lost == 3  # 2, 4 and 5


def test_a_backlog_that_is_being_worked_off_is_waited_for(
    cases: Cases, ledger: FrameLedger
) -> None:
    case = opened(cases)
    for number, stamp in enumerate((2, 3, 4)):
        now_ns = 2_000 + number * SETTLE_NS
        comes_out(cases, ledger, stamp, now_ns)
        assert cases.settle(now_ns) == []
    comes_out(cases, ledger, 5, 2_000 + 3 * SETTLE_NS)
    assert cases.settle(2_000 + 3 * SETTLE_NS) == [case]
    assert case.frames_lost == 0


def test_a_fault_that_fired_long_before_the_error_is_not_blamed(cases: Cases) -> None:
    masked = FaultNote('f1', 'nn.neuron.nan', 1_000 - BLAME_NS)
    late = FaultNote('f2', 'nn.neuron.nan', 1_001 - BLAME_NS)
    first, second = opened(cases, fault=masked), opened(cases, stamp_ns=3, fault=late)
    assert (first.fault_id, first.fault_kind, first.injected_ns) == ('', '', 0)
    assert (second.fault_id, second.injected_ns) == ('f2', 1_001 - BLAME_NS)


@pytest.mark.parametrize(('injected_ns', 'blamed'), [(299, False), (300, False), (301, True)])
def test_of_a_hang_only_a_fault_that_fired_after_it_began_is_blamed_however_long_ago(
    cases: Cases, injected_ns: int, blamed: bool
) -> None:
    case = cases.open(
        stamp_ns=2,
        node='a',
        stage='neck',
        detector='stage_deadline',
        error='hung',
        detected_ns=300 + 10 * BLAME_NS,
        fault=FaultNote('f1', 'timing.hang', injected_ns),
        hung_since_ns=300,
    )
    assert (case.fault_id == 'f1') is blamed


def test_without_good_output_a_case_stays_open_until_it_is_given_up(
    cases: Cases, ledger: FrameLedger
) -> None:
    case = opened(cases)
    assert GIVE_UP_NS > SETTLE_NS
    assert cases.settle(1_000 + GIVE_UP_NS) == []
    assert cases.settle(1_001 + GIVE_UP_NS) == [case]
    assert list(cases.closed) == [case]
    assert cases.find(2) is None
    assert not case.recovered
    assert (case.outcome, case.frames_lost) == (Outcome.FAILED, 4)  # 2 to 5
    comes_out(cases, ledger, 6, 2_000 + GIVE_UP_NS)
    assert cases.settle(2_000 + GIVE_UP_NS) == []
    assert (case.outcome, case.first_good_output_ns) == (Outcome.FAILED, 0)


def test_a_recovery_at_the_last_moment_is_no_failure(cases: Cases, ledger: FrameLedger) -> None:
    case = opened(cases)
    cases.resumed(2, 'a', 1, 1_100, 1_200)
    for stamp in (2, 3, 4, 5):
        comes_out(cases, ledger, stamp, 1_000 + GIVE_UP_NS)
    assert cases.settle(2_000 + GIVE_UP_NS) == [case]
    assert (case.outcome, case.frames_lost) == (Outcome.RECOVERED, 0)


def test_output_of_an_earlier_frame_does_not_end_the_blindness(
    cases: Cases, ledger: FrameLedger
) -> None:
    case = opened(cases, stamp_ns=3)
    comes_out(cases, ledger, 2, 2_000)
    assert not case.recovered


def test_a_frame_that_was_given_up_is_a_dropped_frame_with_its_reason(
    cases: Cases, ledger: FrameLedger
) -> None:
    case = opened(cases)
    ledger.on_dropped(2, 'finite')
    cases.dropped(2, 'tried enough')
    comes_out(cases, ledger, 3, 2_000)
    assert case.recovered
    assert (case.outcome, case.detail) == (Outcome.FRAME_DROPPED, 'tried enough')


def test_a_frame_that_a_later_one_overtook_is_a_dropped_frame_unsaid(
    cases: Cases, ledger: FrameLedger
) -> None:
    case = opened(cases)
    comes_out(cases, ledger, 3, 2_000)
    assert case.outcome is Outcome.FRAME_DROPPED


def test_without_a_frame_in_flight_the_next_output_recovers_and_no_frame_is_missed(
    cases: Cases, ledger: FrameLedger
) -> None:
    case = opened(cases, stamp_ns=1)
    case.has_frame = False
    cases.on_detected(1, 1_500)  # the last frame before the error, heard late
    assert not case.recovered
    for stamp in (2, 3, 4, 5):
        comes_out(cases, ledger, stamp, 2_000)
    assert cases.settle(2_000 + REPORT_NS) == []
    assert cases.settle(2_001 + REPORT_NS) == [case]
    assert (case.outcome, case.frames_lost) == (Outcome.RECOVERED, 0)


def test_what_happens_after_the_recovery_does_not_change_the_record(
    cases: Cases, ledger: FrameLedger
) -> None:
    case = opened(cases)
    comes_out(cases, ledger, 2, 2_000)
    cases.dropped(2, 'late')
    cases.on_detected(3, 3_000)
    assert case.outcome is Outcome.RECOVERED
    assert (case.detail, case.first_good_output_ns) == ('', 2_000)


def test_detections_that_overtake_the_report_of_the_resumption_wait_for_it(
    cases: Cases, ledger: FrameLedger
) -> None:
    case = opened(cases)
    for stamp in (2, 3, 4, 5):
        comes_out(cases, ledger, stamp, 2_000)
    assert cases.settle(2_000) == []
    cases.resumed(2, 'b', 1, 1_100, 1_200)
    assert cases.settle(2_001) == [case]
    assert (case.recovered_by, case.resumed_from) == ('b', 1)
    assert (case.restored_ns, case.resumed_ns) == (1_100, 1_200)
    cases.resumed(2, 'a', 0, 5_000, 5_001)  # of a record that is closed
    assert (case.recovered_by, case.resumed_ns) == ('b', 1_200)


def test_a_report_of_the_resumption_that_never_comes_is_not_waited_for_long(
    cases: Cases, ledger: FrameLedger
) -> None:
    case = opened(cases)
    for stamp in (2, 3, 4, 5):
        comes_out(cases, ledger, stamp, 2_000)
    assert cases.settle(2_000 + REPORT_NS) == []
    assert cases.settle(2_001 + REPORT_NS) == [case]
    assert (case.recovered_by, case.outcome) == ('', Outcome.RECOVERED)


def test_one_good_output_recovers_every_case_it_ends(cases: Cases, ledger: FrameLedger) -> None:
    first, second = opened(cases), opened(cases, node='b')
    comes_out(cases, ledger, 2, 2_000)
    assert first.recovered
    assert second.recovered


def test_only_the_newest_are_kept_but_all_are_counted(cases: Cases, ledger: FrameLedger) -> None:
    for stamp in range(10, 10 + KEPT + 5):
        ledger.on_published(stamp)
        opened(cases, stamp_ns=stamp, fault=FaultNote(f'f{stamp}', 'nn.neuron.nan', 900))
        cases.resumed(stamp, 'a', 1, 1_100, 1_200)
        comes_out(cases, ledger, stamp, 2_000)
        cases.settle(2_000 + SETTLE_NS + 1)
    assert (len(cases.closed), cases.ended) == (KEPT, KEPT + 5)
    assert cases.closed[-1].stamp_ns == 10 + KEPT + 4


def test_a_camera_that_falls_silent_holds_up_no_case_for_ever(
    cases: Cases, ledger: FrameLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened(cases)
    comes_out(cases, ledger, 2, 2_000)
    # The other one's frame is still waited for while this one's go on.
    monkeypatch.setattr(ledger, 'waits', lambda _: True)
    comes_out(cases, ledger, 3, 2_000 + GIVE_UP_NS)
    assert cases.settle(2_000 + GIVE_UP_NS) == []
    assert cases.settle(2_001 + GIVE_UP_NS) == [case]
