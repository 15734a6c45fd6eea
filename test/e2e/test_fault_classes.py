# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every class of faults that can be seen ends in the tier that is meant for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from restage.faults.enums import Persistence
from restage.nodes.stamps import to_ns

from .live import Live

pytestmark = pytest.mark.e2e

PAGE = os.sysconf('SC_PAGE_SIZE')
MIB = 2**20


def replace(live: Live, name: str) -> None:
    """Have another process instead of one of whose memory nothing is known any more."""
    live.wait_for_standby(name, instead_of=live.session.system.kill(name))


@pytest.mark.parametrize(
    ('kind', 'stage', 'seen_in', 'detectors', 'parameters'),
    [
        # Of a pixel: half of full brightness becomes 1e38, and more of it infinity in two layers.
        (
            'nn.neuron.stuck_at',
            'preprocess',
            'backbone.1',
            ('range', 'finite'),
            {'bit': 30, 'value': 1},
        ),
        ('nn.neuron.set_value', 'backbone.3', 'backbone.3', ('range',), {'value': -300.0}),
        ('nn.neuron.set_value', 'head', 'head', ('range',), {'value': 5000.0}),
    ],
)
def test_a_value_out_of_its_range_is_computed_again_from_the_image(
    live, kind, stage, seen_in, detectors, parameters
) -> None:
    first = live.stamps_out()[-1]
    event = live.injection.recovery_of(live.injection.inject(kind, stage, **parameters))
    assert event.detector in detectors
    assert (event.stage, event.tier) == (seen_in, 'retry_stage')
    # A value that is not certain to be wrong casts doubt on the checkpoints as well.
    assert event.detector == 'finite' or event.resumed_from == -1
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
def test_detections_that_cannot_be_are_computed_again(live, kind, parameters, why) -> None:
    first = live.stamps_out()[-1]
    event = live.injection.recovery_of(live.injection.inject(kind, **parameters))
    assert (event.detector, event.stage, event.tier) == ('plausibility', 'decode', 'retry_stage')
    assert why in event.error
    live.assert_recovered(event)
    live.assert_undisturbed(first)


def test_a_box_that_is_a_little_off_is_seen_by_nobody_and_gone_with_its_frame(live) -> None:
    before = len(live.session.observer.seen.recoveries)
    live.injection.inject('output.box', dx=3.0)
    fired = live.session.observer.seen.faults[-1]
    live.assert_undisturbed(to_ns(fired.frame) + 1)
    assert len(live.session.observer.seen.recoveries) == before
    assert to_ns(fired.frame) in live.stamps_out()


@pytest.mark.parametrize('persistence', [Persistence.TRANSIENT, Persistence.PERMANENT])
def test_a_weight_that_is_overwritten_is_brought_back(live, persistence) -> None:
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


def test_threads_that_take_the_cores_are_no_hang(live) -> None:
    before = len(live.session.observer.seen.recoveries)
    first = live.stamps_out()[-1]
    live.injection.inject('timing.cpu_hog', 'backbone.0', hog_ms=800.0, threads=4)
    live.assert_undisturbed(first, more=25)
    assert len(live.session.observer.seen.recoveries) == before


def test_memory_that_leaks_is_gone_and_nothing_else(live, until) -> None:
    def resident() -> int:
        pid = live.beat(live.primary()).pid
        return int(Path(f'/proc/{pid}/statm').read_text().split()[1]) * PAGE

    before = resident()
    # Where the hypervisor has its pages to find first, 256 MiB take longer than a stage may.
    live.injection.inject('mem.leak', mib=128)
    live.wait_for_more(5)
    # The node computes meanwhile, and gives some of its own back.
    until(lambda: resident() - before > 72 * MIB, 'the leak is resident')
    replace(live, live.primary())


def test_a_fault_that_lasts_ends_by_itself(live) -> None:
    fault = live.injection.inject(
        'timing.delay', 'neck', persistence=Persistence.INTERMITTENT, duration_s=0.5, delay_ms=2.0
    )
    found = live.session.observer.wait_for(
        lambda seen: [e for e in seen.faults if e.id == fault and 'are over' in e.detail], 30.0
    )
    assert found
    live.wait_for_more(5)
    live.assert_once_in_order()


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
def test_whatever_a_memory_error_does_detection_goes_on(
    live, kind, stage, parameters, until
) -> None:
    """Its outcome is chance: nothing, wrong values, an exception, a crash now or later."""
    name, lost_before = live.primary(), live.report().frames_lost
    pid = live.beat(name).pid
    live.injection.inject(kind, stage, **parameters)
    fired = to_ns(live.session.observer.seen.faults[-1].frame)
    live.wait_for_more(30)
    out = live.stamps_out()
    assert out == sorted(out)
    # The heap may give way when DDS has the detections and nobody knows yet (gap 1).
    assert len(out) - len(set(out)) <= 1

    def accounted() -> bool:
        out = live.stamps_out()
        missing = {s for s in live.records() if fired <= s <= out[-1]} - set(out)
        return live.report().frames_lost - lost_before == len(missing)

    until(accounted, 'the frames that are missing, and no others, count as lost')
    if live.session.system.nodes[name].pid == pid:
        replace(live, name)
