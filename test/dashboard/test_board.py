# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the page shows, from what was heard."""

from __future__ import annotations

import json
from typing import Any

from restage.cameras import Cameras
from restage.dashboard.board import Board
from restage.dashboard.camera_account import CameraAccount
from restage.dashboard.feed import Feed
from restage.dashboard.frames import Frames
from restage.dashboard.latency import Latency
from restage.dashboard.node_table import FORGOTTEN_NS, NodeTable
from restage.dashboard.phases import phases_of, total_ms
from restage.dashboard.sightings import (
    Beat,
    Diagnosis,
    FaultNews,
    Recovery,
    Role,
    StageMark,
    Step,
)
from restage.dashboard.timeline import KEPT, LAST, Timeline
from restage.diagnosis.status import Level
from restage.faults.enums import FaultState
from restage.recovery.case import Outcome

MS = 1_000_000
SECOND = 1000 * MS


def recovery(**changes: Any) -> Recovery:
    values: dict[str, Any] = {
        'number': 1,
        'fault_id': 'a',
        'fault_kind': 'proc.kill',
        'node': 'detection_a',
        'recovered_by': 'detection_b',
        'stage': 'neck',
        'detector': 'process_exit',
        'error': '',
        'tier': 'failover',
        'tiers': ('failover',),
        'outcome': Outcome.RECOVERED,
        'frames_lost': 0,
        'injected_ns': 100 * MS,
        'detected_ns': 102 * MS,
        'decided_ns': 103 * MS,
        'restored_ns': 106 * MS,
        'resumed_ns': 107 * MS,
        'first_good_output_ns': 130 * MS,
    }
    return Recovery(**{**values, **changes})


def news(step: FaultState, **changes: Any) -> FaultNews:
    values = {'id': 'a', 'kind': 'proc.kill', 'node': 'detection_a', 'stage': 'neck'}
    return FaultNews(**{**values, 'step': step, 'detail': '', 'at_ns': 100 * MS, **changes})


def beat(**changes: Any) -> Beat:
    values = {'node': 'detection_a', 'pid': 7, 'role': Role.PRIMARY, 'state': 3, 'epoch': 1}
    frames = {'frames_in': 5, 'frames_out': 4, 'frames_dropped': 0}
    return Beat(**{**values, **frames, **changes})


def mark(step: Step, **changes: Any) -> StageMark:
    values = {'key': 1, 'node': 'detection_a', 'at_ns': 10 * MS}
    return StageMark(**{**values, 'step': step, **changes})


# Frames


def test_a_dashboard_that_joins_late_counts_from_the_first_frame_it_saw_whole() -> None:
    account = CameraAccount('', Latency())
    # Detections of a frame whose camera info came before the dashboard did.
    account.detected(90, SECOND)
    account.published(100, SECOND)
    account.published(110, SECOND + 1)
    account.detected(100, SECOND + 2)
    view = account.view(SECOND + 3)
    assert (view['in'], view['out'], view['lost'], view['waiting']) == (2, 1, 0, 1)


def test_a_frame_is_lost_with_its_reason_once_a_later_one_came_out() -> None:
    frames = Frames(Cameras())
    (account,) = frames.accounts
    for key in (100, 110, 120):
        account.published(key, SECOND)
    account.detected(100, SECOND)
    frames.dropped(110, 'queue_full')
    assert account.view(SECOND)['lost'] == 0
    account.detected(120, SECOND)
    view = account.view(SECOND)
    assert (view['in'], view['out'], view['lost'], view['waiting']) == (3, 2, 1, 0)
    assert view['reasons'] == {'queue_full': 1}


def test_without_camera_info_nothing_is_claimed_to_be_known_but_what_came_out() -> None:
    account = CameraAccount('', Latency())
    account.detected(100, SECOND)
    view = account.view(SECOND)
    assert (view['in'], view['out'], view['lost']) == (None, 1, None)


def test_cameras_of_one_stamp_are_counted_apart() -> None:
    cameras = Cameras(('front', 'rear'))
    frames = Frames(cameras)
    for number, account in enumerate(frames.accounts):
        account.published(cameras.key(8000, number), SECOND)
        account.published(cameras.key(16000, number), SECOND)
    frames.accounts[0].detected(cameras.key(8000, 0), SECOND)
    frames.accounts[0].detected(cameras.key(16000, 0), SECOND)
    frames.dropped(cameras.key(8000, 1), 'malformed')
    frames.accounts[1].detected(cameras.key(16000, 1), SECOND)
    front, rear = (account.view(SECOND) for account in frames.accounts)
    assert (front['out'], front['lost']) == (2, 0)
    # The rear camera's accounts begin with the first frame of it that came out.
    assert (rear['in'], rear['out'], rear['lost']) == (1, 1, 0)


def test_latency_is_from_camera_info_to_detections_and_the_worst_stays() -> None:
    latency = Latency()
    account = CameraAccount('', latency)
    for key, late_ms in enumerate([80, *[20] * 99]):
        account.published(key, key * SECOND)
        account.detected(key, key * SECOND + late_ms * MS)
    view = latency.view()
    assert (view['n'], view['p50'], view['p99'], view['max']) == (100, 20.0, 20.0, 80.0)
    assert sum(view['counts']) == 100
    for _ in range(3000):
        latency.add(5.0)
    assert (latency.view()['max'], latency.view()['worst']) == (5.0, 80.0)


# Nodes


def test_the_primary_comes_first_and_a_silent_node_is_said_to_be() -> None:
    table = NodeTable()
    table.beat(beat(node='detection_b', role=Role.STANDBY, state=2), 10 * SECOND)
    table.beat(beat(), 9 * SECOND)
    rows = table.view(10 * SECOND)
    assert [row['name'] for row in rows] == ['detection_a', 'detection_b']
    assert [row['silent_s'] for row in rows] == [1.0, None]
    assert [row['state'] for row in rows] == ['active', 'inactive']
    assert table.view(10 * SECOND + FORGOTTEN_NS + 1) == []


def test_another_process_under_the_same_name_is_a_restart() -> None:
    table = NodeTable()
    table.beat(beat(), SECOND)
    table.beat(beat(pid=8, role=Role.NONE, state=1), 2 * SECOND)
    (row,) = table.view(2 * SECOND)
    assert (row['restarts'], row['pid'], row['state']) == (1, 8, 'unconfigured')


def test_the_worst_of_a_nodes_diagnoses_is_shown() -> None:
    table = NodeTable()
    for part, health in (('status', Level.OK), ('finite', Level.ERROR)):
        table.diagnosis(
            Diagnosis(node='recovery', part=part, health=health, message=part, values={}), SECOND
        )
    (row,) = table.view(SECOND)
    assert (row['health'], row['message']) == ('ERROR', 'finite')


# Stages


def test_a_frame_that_was_taken_over_shows_both_nodes_and_stays_in_sight() -> None:
    timeline = Timeline(Cameras())
    timeline.add(mark(Step.DONE, stage='neck', index=1, duration_ns=4 * MS))
    timeline.add(mark(Step.RESUMED, node='detection_b', at_ns=20 * MS))
    timeline.add(
        mark(Step.DONE, node='detection_b', stage='head', index=2, duration_ns=MS, at_ns=21 * MS)
    )
    timeline.add(mark(Step.PUBLISHED, node='detection_b', at_ns=22 * MS))
    for key in range(2, 3 * KEPT):
        timeline.add(mark(Step.DONE, key=key, stage='neck', index=1, duration_ns=MS))
        timeline.add(mark(Step.PUBLISHED, key=key, at_ns=11 * MS))
    view = timeline.view()
    assert view['stages'] == ['neck', 'head']
    assert len(view['last']) == LAST
    (row,) = view['erred']
    assert row['nodes'] == ['detection_a', 'detection_b']
    assert (row['total'], row['outcome']) == (16.0, 'published')
    assert [bar['from'] for bar in row['bars']] == [0.0, 14.0]


# Faults and recoveries


def test_phases_are_told_one_from_the_other_and_what_is_not_known_is_left_out() -> None:
    assert [(p['name'], p['took']) for p in phases_of(recovery())] == [
        ('injected', 0.0),
        ('detected', 2.0),
        ('decided', 1.0),
        ('restored', 3.0),
        ('resumed', 1.0),
        ('first_good_output', 23.0),
    ]
    by_itself = phases_of(recovery(injected_ns=0, decided_ns=0))
    assert [(p['name'], p['took']) for p in by_itself][:2] == [('detected', 0.0), ('restored', 4.0)]
    assert total_ms(recovery()) == 30.0
    assert total_ms(recovery(first_good_output_ns=0)) is None


def test_a_fault_and_its_recovery_are_one_entry_and_a_repeated_message_is_none() -> None:
    feed = Feed(300.0, lambda ns: ns / SECOND)
    feed.fault(news(FaultState.ARMED))
    feed.fault(news(FaultState.FIRED))
    feed.recovery(recovery())
    feed.recovery(recovery())
    (entry,) = feed.view()
    assert entry['fault']['state'] == 'fired'
    assert entry['recovery_count'] == 1
    assert entry['recoveries'][0]['share'] == 0.1
    assert feed.budget()['worst'] == {'ms': 30.0, 'tier': 'failover', 'node': 'detection_a'}


def test_a_recovery_that_took_longer_than_the_ftti_is_counted_and_the_worst_is_kept() -> None:
    feed = Feed(20.0, lambda ns: ns / SECOND)
    feed.recovery(recovery())
    for number in range(2, 100):
        short = {'first_good_output_ns': 110 * MS, 'fault_id': str(number)}
        feed.recovery(recovery(number=number, detected_ns=number, **short))
    budget = feed.budget()
    assert (budget['recoveries'], budget['over'], budget['worst']['ms']) == (99, 1, 30.0)
    assert len(feed.view()) == 40


def test_an_error_that_nobody_injected_is_an_entry_of_its_own() -> None:
    feed = Feed(300.0, lambda ns: ns / SECOND)
    feed.recovery(recovery(fault_id='', fault_kind='', injected_ns=0))
    (entry,) = feed.view()
    assert (entry['kind'], entry['fault']) == ('error', None)
    assert entry['recoveries'][0]['from'] == 'detected'


def test_every_section_is_json_also_before_anything_was_heard() -> None:
    board = Board(Cameras(), 300.0, 'domain 0')
    sections = {name: json.loads(text) for name, text in board.render().items()}
    assert sections['nodes'] == {'section': 'nodes', 'data': []}
    assert sections['system']['data']['injection'] is False
    assert 'proc.kill' in [kind['kind'] for kind in sections['kinds']['data']]
