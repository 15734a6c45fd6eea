# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every class of faults that can be seen ends in the tier that is meant for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from restage.faults.enums import Persistence
from restage.nodes.stamps import to_ns

pytestmark = pytest.mark.e2e

PAGE = os.sysconf('SC_PAGE_SIZE')
MIB = 2**20


@pytest.mark.parametrize(
    ('kind', 'stage', 'seen_in', 'parameters'),
    [
        # Of a pixel: half of full brightness becomes 1e38.
        ('nn.neuron.stuck_at', 'preprocess', 'backbone.1', {'bit': 30, 'value': 1}),
        ('nn.neuron.set_value', 'backbone.3', 'backbone.3', {'value': -300.0}),
        ('nn.neuron.set_value', 'head', 'head', {'value': 5000.0}),
    ],
)
def test_a_value_out_of_its_range_is_computed_again_from_the_image(
    shared_live, kind, stage, seen_in, parameters
) -> None:
    live = shared_live
    first = live.stamps_out()[-1]
    event = live.injection.recovery_of(live.injection.inject(kind, stage, **parameters))
    assert (event.detector, event.stage, event.tier) == ('range', seen_in, 'retry_stage')
    assert event.resumed_from == -1
    live.assert_recovered(event)
    live.assert_undisturbed(first)


@pytest.mark.parametrize(
    ('kind', 'parameters', 'why'),
    [
        ('output.score', {'score': 1.5}, 'has the score 1.5'),
        ('output.class_', {'class_id': 17}, 'has the class 17 of 5'),
        ('output.box', {'dx': -5000.0}, 'is not in the picture'),
    ],
)
def test_detections_that_cannot_be_are_computed_again(shared_live, kind, parameters, why) -> None:
    live = shared_live
    first = live.stamps_out()[-1]
    event = live.injection.recovery_of(live.injection.inject(kind, **parameters))
    assert (event.detector, event.stage, event.tier) == ('plausibility', 'decode', 'retry_stage')
    assert why in event.error
    live.assert_recovered(event)
    live.assert_undisturbed(first)


def test_a_box_that_is_a_little_off_is_seen_by_nobody_and_gone_with_its_frame(shared_live) -> None:
    live = shared_live
    before = len(live.session.observer.seen.recoveries)
    live.injection.inject('output.box', dx=3.0)
    fired = live.session.observer.seen.faults[-1]
    live.assert_undisturbed(to_ns(fired.frame) + 1)
    assert len(live.session.observer.seen.recoveries) == before
    assert to_ns(fired.frame) in live.stamps_out()


@pytest.mark.parametrize('persistence', [Persistence.TRANSIENT, Persistence.PERMANENT])
def test_a_weight_that_is_overwritten_is_brought_back(shared_live, persistence) -> None:
    live = shared_live
    first = live.stamps_out()[-1]
    fault = live.injection.inject(
        'nn.weight.set_value', 'neck', persistence=persistence, value=-40.0
    )
    event = live.injection.recovery_of(fault)
    assert (event.detector, event.stage, event.tier) == (
        'weight_checksum',
        'neck',
        'reload_weights',
    )
    live.assert_recovered(event)
    live.assert_undisturbed(first)


def test_threads_that_take_the_cores_are_no_hang(shared_live) -> None:
    live = shared_live
    before = len(live.session.observer.seen.recoveries)
    first = live.stamps_out()[-1]
    live.injection.inject('timing.cpu_hog', 'backbone.0', hog_ms=1500.0, threads=4)
    live.assert_undisturbed(first, more=25)
    assert len(live.session.observer.seen.recoveries) == before


def test_memory_that_leaks_is_gone_and_nothing_else(shared_live) -> None:
    live = shared_live

    def resident() -> int:
        pid = live.beat(live.primary()).pid
        return int(Path(f'/proc/{pid}/statm').read_text().split()[1]) * PAGE

    before = resident()
    live.injection.inject('mem.leak', mib=64)
    live.wait_for_more(5)
    assert resident() - before > 60 * MIB


def test_a_fault_that_lasts_ends_by_itself(shared_live) -> None:
    live = shared_live
    fault = live.injection.inject(
        'timing.delay', 'neck', persistence=Persistence.INTERMITTENT, duration_s=0.5, delay_ms=2.0
    )
    found = live.session.observer.wait_for(
        lambda seen: [e for e in seen.faults if e.id == fault and 'are over' in e.detail], 30.0
    )
    assert found
    live.wait_for_more(5)
    live.assert_once_in_order()


@pytest.mark.parametrize('kind', ['mem.null_deref', 'mem.double_free'])
def test_a_crash_over_a_bad_pointer_is_taken_over(live, kind) -> None:
    first = live.stamps_out()[-1]
    dead, heir = live.primary(), live.standby()
    event = live.injection.recovery_of(live.injection.inject(kind, 'backbone.2'))
    assert (event.tier, event.node, event.recovered_by) == ('failover', dead, heir)
    assert event.detector == 'process_exit'
    live.assert_recovered(event)
    live.assert_undisturbed(first)
    assert [name for name, _ in live.session.system.exits] == [dead]


def test_a_broken_cell_of_a_weight_is_left_behind_with_its_node(live) -> None:
    first = live.stamps_out()[-1]
    dead, heir = live.primary(), live.standby()
    fault = live.injection.inject(
        'nn.weight.stuck_at_1', 'head', persistence=Persistence.PERMANENT, bit=30
    )
    event = live.injection.recovery_of(fault)
    assert event.detector == 'weight_checksum'
    assert event.tiers[0] == 'reload_weights'
    assert (event.tier, event.node, event.recovered_by) == ('failover', dead, heir)
    live.assert_recovered(event)
    live.assert_undisturbed(first)


@pytest.mark.parametrize(
    ('kind', 'stage', 'parameters'),
    [
        ('mem.use_after_free', 'backbone.1', {}),
        ('mem.oob_write', 'neck', {'bytes': 4096}),
        ('mem.oom', 'backbone.1', {}),
    ],
)
def test_whatever_a_memory_error_does_detection_goes_on(live, kind, stage, parameters) -> None:
    """Its outcome is chance: nothing, wrong values, an exception, a crash now or later."""
    live.injection.inject(kind, stage, **parameters)
    fired = to_ns(live.session.observer.seen.faults[-1].frame)
    live.wait_for_more(30)
    live.assert_once_in_order()
    out = live.stamps_out()
    lost = [s for s in live.records() if fired < s <= out[-1] and s not in out]
    report = live.report()
    assert sum(report.loss_counts) >= len(lost)
