# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A soft fault is cured in place: same frames, same bits."""

from __future__ import annotations

import pytest

from restage.nodes.stamps import to_ns

pytestmark = pytest.mark.e2e


def test_soft_faults_change_no_bit_of_any_output_and_lose_no_frame(live) -> None:
    first = live.stamps_out()[0]
    wanted = {
        live.injection.inject(kind, stage): (kind, seen_in, detector)
        # Values are looked at behind the boundaries and all stages after the last one: a NaN
        # stays one until then.
        for kind, stage, seen_in, detector in (
            ('nn.neuron.nan', 'neck', 'neck', 'finite'),
            ('nn.stage.exception', 'backbone.2', 'backbone.2', 'exception'),
            ('nn.neuron.nan', 'preprocess', 'backbone.1', 'finite'),
            ('nn.stage.exception', 'decode', 'decode', 'exception'),
        )
    }
    for fault_id, (kind, stage, detector) in wanted.items():
        event = live.injection.recovery_of(fault_id)
        assert event.fault_kind == kind
        assert event.stage == stage
        assert event.detector == detector
        assert (event.tier, list(event.tiers)) == ('retry_stage', ['retry_stage'])
        assert event.node == event.recovered_by
        live.assert_recovered(event)
        times = (
            event.injected_ns,
            event.detected_ns,
            # On a busy machine the node may have retried by itself before the order came.
            event.decided_ns or event.detected_ns,
            event.restored_ns,
            event.resumed_ns,
            event.first_good_output_ns,
        )
        assert times[0] > 0
        assert list(times) == sorted(times)
        assert to_ns(event.frame) in live.stamps_out()
    live.assert_undisturbed(first)
    assert live.session.system.exits == []


def test_a_stall_below_the_deadline_needs_no_recovery(live) -> None:
    live.injection.inject('timing.delay', 'head', delay_ms=20.0)
    live.wait_for_more(30)
    stamps = live.stamps_out()
    assert live.session.observer.seen.recoveries == []
    live.assert_all_out_once_in_order(stamps[0], stamps[-1])
