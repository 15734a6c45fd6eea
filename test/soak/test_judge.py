# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from restage.soak.accounts import Window
from restage.soak.conduct import Struck
from restage.soak.episode import Blow, Episode
from restage.soak.judge import Facts, judge
from restage.soak.permits import Permits
from restage.soak.settings import SoakSettings
from restage.soak.watch import Heard

KILL = Blow(at_s=0.0, target='primary', signal='SIGKILL')


def recovery(**changes: Any) -> dict[str, Any]:
    return {
        'kind': 'primary SIGKILL',
        'fault_id': '',
        'node': 'detection_a',
        'detector': 'process_exit',
        'tiers': ['failover'],
        'outcome': 'recovered',
        'frame_ns': 50,
        'total_ms': 30.0,
        'error': 'x',
        **changes,
    }


def complaints(permits: Permits | None = None, **changes: Any) -> list[tuple[str, bool]]:
    """Return the invariants that do not hold, and whether each is a violation."""
    facts = Facts(
        **{
            'episode': Episode(number=0, shape='signal', actions=(KILL,)),
            'window': Window(),
            'heard': Heard(),
            'recoveries': [],
            'struck': [Struck(KILL, 'detection_a', 7, 1)],
            'stolen_ms': 0.0,
            **changes,
        }
    )
    found = judge(facts, permits or Permits(), SoakSettings(minutes=1.0))
    return [(one.invariant, not one.documented) for one in found]


def test_a_recovery_in_time_is_well() -> None:
    assert complaints(recoveries=[recovery()], window=Window(silence_ms=60.0)) == []


@pytest.mark.parametrize(
    ('window', 'wanted'),
    [
        (Window(twice=[50]), [('once', False)]),
        (Window(twice=[51]), [('once', True)]),
        (Window(late=[1]), [('order', True)]),
        (Window(invented=[1]), [('once', True)]),
        (Window(differing=[1]), [('bits', True)]),
        (Window(silence_ms=400.0), [('bound', True)]),
        (Window(lost={3: ''}), []),
    ],
)
def test_frames(window, wanted) -> None:
    assert complaints(recoveries=[recovery()], window=window) == wanted


def test_late_and_failed_recoveries() -> None:
    assert complaints(recoveries=[recovery(total_ms=301.0)]) == [('bound', True)]
    assert complaints(recoveries=[recovery(total_ms=301.0)], stolen_ms=20.0) == []
    assert complaints(recoveries=[recovery(outcome='failed')]) == [('recovery', True)]


def test_in_quiet_nothing_may_happen() -> None:
    quiet: dict[str, Any] = {'quiet': True, 'struck': []}
    assert complaints(**quiet, window=Window(lost={3: ''})) == [('quiet', True)]
    assert complaints(**quiet, recoveries=[recovery()]) == [('quiet', True)]
    hung = recovery(detector='stage_deadline')
    assert complaints(**quiet, recoveries=[hung]) == [('quiet', False)]
    full = Window(lost={3: 'queue_full'})
    assert complaints(**quiet, window=full) == [('quiet', True)]
    assert complaints(**quiet, window=full, busy=True) == [('quiet', False)]


def test_a_crash_that_nothing_explains() -> None:
    heard = Heard(exits=[('camera', -11, 0.0)])
    assert complaints(heard=heard) == [('crash', True)]
    assert complaints(heard=Heard(exits=[('detection_a', -9, 0.0)])) == []


def test_which_outputs_may_be_wrong() -> None:
    permits = Permits()
    permits.on_fired('output.box', 'detection_a', 10)
    permits.on_fired('nn.weight.bit_flip', 'detection_a', 20)
    permits.on_fired('nn.neuron.nan', 'detection_a', 30)
    assert permits.why(10) == 'output.box'
    assert permits.why(20) == ''
    assert permits.why(30) == ''
    permits.on_death('detection_a', 20)
    assert permits.why(20) == 'nn.weight.bit_flip'


@pytest.mark.parametrize('exit_first', [True, False])
def test_a_process_that_was_killed_could_not_tell_that_a_weight_was_hit(exit_first) -> None:
    permits = Permits()
    permits.on_armed('told', 'nn.weight.bit_flip', 'detection_a')
    permits.on_fired('nn.weight.bit_flip', 'detection_a', 10)
    permits.on_over('told', 'detection_a')
    permits.on_armed('box', 'output.box', 'detection_a')
    permits.on_death('detection_a', 15)
    assert not any(permits.why(stamp) for stamp in (10, 15))
    permits.on_armed('untold', 'nn.weight.stuck_at_0', 'detection_a')
    if exit_first:
        permits.on_exit('detection_a', 22)
    permits.on_death('detection_a', 20)
    assert permits.why(20) == 'nn.weight.stuck_at_0'
    permits.on_exit('detection_a', 22)
    permits.on_death('detection_a', 30)
    assert not any(permits.why(stamp) for stamp in (19, 21, 30))


def test_a_process_with_damaged_memory_may_be_wrong_until_it_ends() -> None:
    permits = Permits()
    permits.on_fired('mem.use_after_free', 'detection_a', 10)
    assert permits.tainted == ['detection_a']
    assert permits.why(1000) == 'mem.use_after_free'
    permits.on_exit('detection_a', 80)
    permits.on_death('detection_a', 60)
    assert permits.tainted == []
    assert [bool(permits.why(stamp)) for stamp in (9, 10, 60, 61)] == [False, True, True, False]
