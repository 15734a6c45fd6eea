# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A node that dies before it has checkpointed anything: the standby has the image itself."""

from __future__ import annotations

import pytest

from restage.faults.enums import Persistence
from restage.nodes.stamps import to_ns

pytestmark = pytest.mark.e2e

IMAGE = -1


def test_a_death_before_the_first_checkpoint_loses_no_frame(live) -> None:
    first = live.stamps_out()[-1]
    for stage in ('preprocess', 'backbone.0'):
        dead, heir = live.primary(), live.standby()
        pid = live.beat(dead).pid
        # The primary dies some time into the frame: its image is no longer on its way to others.
        live.injection.inject(
            'timing.delay',
            'preprocess',
            persistence=Persistence.PERMANENT,
            delay_ms=30.0,
            mode='sleep',
        )
        event = live.injection.recovery_of(live.injection.inject('proc.kill', stage))
        assert (event.tier, event.detector, event.stage) == ('failover', 'process_exit', stage)
        assert (event.node, event.recovered_by) == (dead, heir)
        assert event.resumed_from == IMAGE
        live.assert_recovered(event)
        assert live.stamps_out().count(to_ns(event.frame)) == 1
        live.wait_for_standby(dead, instead_of=pid)
    live.assert_undisturbed(first)
