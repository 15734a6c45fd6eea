# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever hangs, is stopped or crashes is found, put to death and replaced in mid-frame."""

from __future__ import annotations

import signal

import pytest
from restage_msgs.msg import RecoveryEvent, StageStatus

from restage.nodes.stamps import to_ns

pytestmark = pytest.mark.e2e

HANGS = [
    pytest.param('timing.hang', 'neck', {'mode': 'python'}, id='waits_for_a_lock'),
    pytest.param('timing.hang', 'decode', {'mode': 'python_busy'}, id='loops_in_python'),
    pytest.param('timing.hang', 'backbone.2', {'mode': 'native'}, id='holds_the_gil'),
    pytest.param('timing.hang', 'backbone.0', {'mode': 'native_free'}, id='computes'),
    pytest.param('timing.delay', 'neck', {'delay_ms': 60_000.0, 'mode': 'sleep'}, id='is_late'),
    pytest.param('timing.stop', 'head', {}, id='is_stopped'),
]
# The others die of the same two signals: test/faults/test_crash.py, test/faults/test_memory.py.
CRASHES = [
    ('mem.null_deref', 'backbone.2', -signal.SIGSEGV),
    ('proc.abort', 'decode', -signal.SIGABRT),
]


def fail_over(live, is_dying, kind: str, stage: str, **parameters) -> RecoveryEvent:
    """Inject; assert what is the same for all that ends in a death in mid-stage."""
    dead, heir = live.primary(), live.standby()
    pid, epoch, first = live.beat(dead).pid, live.epoch(), live.stamps_out()[-1]
    fault = live.injection.inject(kind, stage, **parameters)
    live.wait_for_status(node=heir, state=StageStatus.RESUMED, epoch=epoch + 1)
    # Before it has done anything, the other one can do nothing any more.
    assert is_dying(pid)
    event = live.injection.recovery_of(fault)
    assert (event.tier, list(event.tiers)) == ('failover', ['failover'])
    assert (event.node, event.recovered_by, event.stage) == (dead, heir, stage)
    live.assert_recovered(event)
    assert 0 < event.injected_ns <= event.detected_ns <= event.decided_ns
    assert event.decided_ns <= event.restored_ns <= event.resumed_ns < event.first_good_output_ns
    assert live.stamps_out().count(to_ns(event.frame)) == 1
    assert live.epoch() == epoch + 1
    live.assert_undisturbed(first)
    live.wait_for_standby(dead, instead_of=pid)
    assert live.primary() == heir
    return event


@pytest.mark.parametrize(('kind', 'stage', 'parameters'), HANGS)
def test_a_hang_in_a_stage(live, is_dying, kind: str, stage: str, parameters: dict) -> None:
    event = fail_over(live, is_dying, kind, stage, **parameters)
    assert event.detector == 'stage_deadline'
    assert 'running stage' in event.error
    assert live.session.system.exits[-1] == (event.node, -signal.SIGKILL)


@pytest.mark.parametrize(('kind', 'stage', 'status'), CRASHES)
def test_a_crash_in_a_stage(live, is_dying, kind: str, stage: str, status: int) -> None:
    event = fail_over(live, is_dying, kind, stage)
    assert event.detector == 'process_exit'
    assert live.session.system.exits[-1] == (event.node, status)


def test_a_primary_that_is_stopped_between_two_frames(live) -> None:
    system = live.session.system
    dead, heir = live.primary(), live.standby()
    first, since = live.stamps_out()[-1], len(live.session.observer.seen.recoveries)
    pid = live.stop_between_frames(dead)
    event = live.recovered_in(dead, since)
    assert (event.tier, event.detector) == ('failover', 'stage_deadline')
    assert 'waiting for work' in event.error
    assert (event.recovered_by, event.stage) == ('', '')  # there was no frame to finish
    live.assert_recovered(event)
    live.assert_undisturbed(first)
    live.wait_for_standby(dead, instead_of=pid)
    assert system.exits[-1] == (dead, -signal.SIGKILL)
    assert live.primary() == heir


def test_a_standby_that_is_stopped_is_replaced_and_nobody_notices(live) -> None:
    system = live.session.system
    primary, stopped = live.primary(), live.standby()
    first, epoch = live.stamps_out()[-1], live.epoch()
    recoveries = len(live.session.observer.seen.recoveries)
    pid = system.kill(stopped, signal.SIGSTOP)
    live.wait_for_standby(stopped, instead_of=pid)
    assert system.exits[-1] == (stopped, -signal.SIGKILL)
    assert (live.primary(), live.epoch()) == (primary, epoch)
    assert len(live.session.observer.seen.recoveries) == recoveries
    assert 'it was not the primary' in system.nodes['recovery'].text()
    live.assert_undisturbed(first)
