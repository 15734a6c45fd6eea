# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""After too many failures health is no longer claimed, until it has been proven again."""

from __future__ import annotations

import pytest
from diagnostic_msgs.msg import DiagnosticStatus

pytestmark = pytest.mark.e2e


def test_two_deaths_open_the_breaker_and_good_frames_close_it(start_live) -> None:
    live = start_live({'recovery': {'breaker_failures': 2, 'breaker_window_s': 600.0}})
    first = live.stamps_out()[-1]
    one, two = live.primary(), live.standby()
    pid = live.beat(one).pid
    event = live.injection.recovery_of(live.injection.inject('proc.kill', 'neck'))
    assert event.tier == 'failover'
    live.wait_for_diagnosis('recovery: last recovery', DiagnosticStatus.OK, 'failover: ')
    live.wait_for_standby(one, instead_of=pid)

    since = len(live.told)
    fault = live.injection.inject('proc.kill', 'neck')
    live.wait_until_told(
        since,
        'recovery: circuit breaker',
        DiagnosticStatus.ERROR,
        'degraded: the primary fails again and again',
    )
    event = live.injection.recovery_of(fault)
    # The standby was ready, and yet was not promoted before the backoff was over.
    assert (event.node, event.tier, list(event.tiers)) == (two, 'degraded', ['degraded'])
    live.assert_recovered(event)
    live.wait_for_primary(one)
    live.wait_for_diagnosis(
        'recovery: circuit breaker', DiagnosticStatus.OK, 'the primary is healthy again'
    )
    live.wait_for_diagnosis('recovery: primary', DiagnosticStatus.OK, one)
    # The standby had kept every image meanwhile.
    live.assert_undisturbed(first)
