# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A fault: what is checked when it is made."""

from __future__ import annotations

import pytest

from restage.faults.command import Fault
from restage.faults.enums import Persistence, When, member, names
from restage.faults.errors import FaultError

GOOD = {'id': 'f1', 'kind': 'nn.neuron.nan', 'when': When.AFTER}


def test_parameters_are_completed():
    assert Fault(**GOOD).parameters == {'count': 1}
    assert Fault(**GOOD) == Fault(**GOOD, parameters={'count': 1})


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'id': ''}, "'id' has 0 characters; accepted: 1..128"),
        ({'kind': 'gpu.melt'}, "unknown fault kind 'gpu.melt'"),
        ({'target': 'the primary'}, "'target' is 'the primary'; accepted: primary, standby"),
        ({'stage': 'neck head'}, "'stage' is 'neck head'"),
        ({'when': When.DURING}, "'when' of 'nn.neuron.nan' is 'during'; accepted: after"),
        ({'probability': 0.0}, "'probability' is 0.0; accepted: above 0, at most 1"),
        ({'probability': float('nan')}, "'probability' is nan"),
        ({'after_frames': -1}, "'after_frames' is -1; accepted: integer 0..2^32 - 1"),
        ({'seed': 2**64}, "'seed' is 18446744073709551616"),
        ({'parameters': {'count': 0}}, "parameter 'count': 0 is out of range"),
    ],
)
def test_refused(change, message):
    with pytest.raises(FaultError) as caught:
        Fault(**{**GOOD, **change})
    assert message in str(caught.value)


@pytest.mark.parametrize('target', ['primary', 'standby', 'detection_a', '/ns/detection_a'])
def test_accepted_targets(target):
    assert Fault(**GOOD, target=target).target == target


def test_members_by_name():
    assert names(When) == ('before', 'during', 'after')
    assert member(Persistence, 'permanent') is Persistence.PERMANENT
    with pytest.raises(FaultError, match="unknown 'when' 'afer'; did you mean 'after'"):
        member(When, 'afer')
