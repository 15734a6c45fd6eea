# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A dead primary is replaced by the standby in the middle of the frame."""

from __future__ import annotations

import pytest

from restage.nodes.stamps import to_ns

pytestmark = pytest.mark.e2e


def test_sigkill_mid_stage_twice_loses_no_frame_and_the_dead_node_comes_back(live) -> None:
    first = live.stamps_out()[0]
    for stage in ('backbone.3', 'backbone.1'):
        dead, heir = live.primary(), live.standby()
        pid = live.beat(dead).pid
        event = live.injection.recovery_of(live.injection.inject('proc.kill', stage))
        assert (event.tier, event.detector) == ('failover', 'process_exit')
        assert (event.node, event.recovered_by, event.stage) == (dead, heir, stage)
        live.assert_recovered(event)
        assert event.resumed_from >= -1
        assert event.injected_ns <= event.detected_ns <= event.decided_ns <= event.restored_ns
        assert event.resumed_ns <= event.first_good_output_ns
        assert live.stamps_out().count(to_ns(event.frame)) == 1
        # The killed node returns as another process, and as the new standby.
        live.wait_for_standby(dead, instead_of=pid)
        assert live.primary() == heir
    live.assert_undisturbed(first)
