# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Damaged weights are seen and brought back before anything computed with them gets out."""

from __future__ import annotations

import pytest

from restage.faults.enums import Persistence
from restage.nodes.stamps import to_ns

pytestmark = pytest.mark.e2e


def test_flipped_weights_are_brought_back_and_no_wrong_output_gets_out(live) -> None:
    first = live.stamps_out()[-1]
    primary, epoch = live.primary(), live.epoch()
    # The highest bit of the exponent, whose damage is seen at once, and the lowest of the
    # mantissa, whose damage no output shows; the last one hits weights that were healed before.
    for stage, bit in (
        ('backbone.0', 30),
        ('backbone.3', 0),
        ('neck', 30),
        ('head', 0),
        ('backbone.3', 30),
    ):
        event = live.injection.recovery_of(
            live.injection.inject('nn.weight.bit_flip', stage, bit=bit)
        )
        assert (event.tier, list(event.tiers)) == ('reload_weights', ['reload_weights'])
        assert (event.detector, event.stage) == ('weight_checksum', stage)
        assert f'checksum differs: {stage}.' in event.error
        assert (event.node, event.recovered_by) == (primary, primary)
        live.assert_recovered(event)
    live.assert_undisturbed(first)
    assert (live.primary(), live.epoch()) == (primary, epoch)
    assert live.session.system.exits == []


def test_an_error_that_no_retry_cures_goes_up_the_ladder_to_the_standby(live) -> None:
    first = live.stamps_out()[-1]
    dead, heir = live.primary(), live.standby()
    pid = live.beat(dead).pid
    fault = live.injection.inject('nn.neuron.nan', 'neck', persistence=Persistence.PERMANENT)
    event = live.injection.recovery_of(fault)
    assert list(event.tiers) == ['retry_stage', 'reload_weights', 'failover']
    assert (event.tier, event.attempts) == ('failover', 3)
    # What began it is told, not what ended it.
    assert event.detector == 'finite'
    assert 'NaN' in event.error
    assert (event.node, event.recovered_by) == (dead, heir)
    # The standby trusts none of the checkpoints that led to the errors.
    assert event.resumed_from == -1
    live.assert_recovered(event)
    assert live.stamps_out().count(to_ns(event.frame)) == 1
    live.assert_undisturbed(first)
    live.wait_for_standby(dead, instead_of=pid)
    assert live.session.system.exits == [(dead, -9)]
