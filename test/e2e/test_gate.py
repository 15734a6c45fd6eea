# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The door for fault commands, and injectors that misbehave, in a running system."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from restage_msgs.msg import FaultCommand, FaultEvent

from restage.faults.gate import BURST

from .live import running

pytestmark = pytest.mark.e2e


@dataclass
class Sender:
    """Publishes commands as anybody could."""

    live: Any
    publisher: Any

    def send(self, fault_id: str, *, age_s: float = 0.0, **fields: Any) -> None:
        clock = self.live.session.observer.node.get_clock().now()
        command = FaultCommand(
            **{
                'id': fault_id,
                'kind': 'timing.delay',
                'target': self.live.primary(),
                'stage': 'head',
                'when': FaultCommand.DURING,
                'probability': 1.0,
                **fields,
            }
        )
        stamp_ns = clock.nanoseconds - round(age_s * 1e9)
        command.stamp.sec, command.stamp.nanosec = divmod(stamp_ns, 10**9)
        self.publisher.publish(command)

    def answer(self, fault_id: str, state: int) -> FaultEvent:
        return self._heard(fault_id, lambda event: event.state == state)

    def first_answer(self, fault_id: str) -> FaultEvent:
        return self._heard(fault_id, lambda _: True)

    def _heard(self, fault_id: str, wanted: Callable[[FaultEvent], bool]) -> FaultEvent:
        found = self.live.session.observer.wait_for(
            lambda seen: [e for e in seen.faults if e.id == fault_id and wanted(e)], 30.0
        )
        assert found, f'{fault_id}: no answer'
        return found[0]


@pytest.fixture
def sender(live) -> Sender:
    observer = live.session.observer
    publisher = observer.node.create_publisher(FaultCommand, 'fault_commands', 100)
    assert observer.wait_for(lambda _: publisher.get_subscription_count() >= 2, 30.0)
    yield Sender(live, publisher)
    observer.node.destroy_publisher(publisher)


@pytest.mark.parametrize(
    ('fault_id', 'fields', 'why'),
    [
        ('old', {'age_s': 60.0}, 'expired: it is '),
        ('early', {'age_s': -60.0}, 'ahead'),
        ('unknown', {'kind': 'proc.explode'}, "unknown fault kind 'proc.explode'"),
        ('nowhere', {'stage': 'backbone.9'}, "unknown stage of 'roadnet' 'backbone.9'"),
        ('never', {'probability': 0.0}, "'probability' is 0.0"),
        ('image', {'kind': 'input.drop', 'when': 0}, 'accepted target: fault_proxy'),
        ('what', {'action': 7}, "'action' is 7"),
        ('none', {'action': FaultCommand.CLEAR}, 'no such fault is armed'),
        ('gpu', {'kind': 'gpu.oom', 'when': 0}, 'no CUDA device'),
    ],
)
def test_what_is_not_acceptable_is_rejected_with_the_reason(sender, fault_id, fields, why) -> None:
    if fault_id == 'gpu':
        torch = pytest.importorskip('torch')
        if torch.cuda.is_available():
            pytest.skip('there is a GPU')
    sender.send(fault_id, **fields)
    assert why in sender.answer(fault_id, FaultEvent.REJECTED).detail


def test_a_command_that_is_played_again_is_rejected(sender) -> None:
    sender.send('twice', parameters=[])
    sender.answer('twice', FaultEvent.FIRED)
    sender.send('twice')
    assert 'was used before' in sender.answer('twice', FaultEvent.REJECTED).detail


def test_an_armed_fault_can_be_cleared(sender) -> None:
    sender.send('later', after_frames=100_000)
    sender.answer('later', FaultEvent.ARMED)
    sender.send('later', action=FaultCommand.CLEAR)
    assert sender.answer('later', FaultEvent.CLEARED).detail == 'cleared on request'


def test_a_flood_is_turned_away_and_detection_goes_on(sender) -> None:
    live = sender.live
    first = live.stamps_out()[-1]
    for number in range(int(BURST) + 60):
        sender.send(f'flood-{number}', stage='backbone.9')
    found = live.session.observer.wait_for(
        lambda seen: [e for e in seen.faults if 'too many commands' in e.detail], 30.0
    )
    assert found
    live.assert_undisturbed(first)
    # One at a time: all that were armed for one frame would delay it.
    for number in itertools.count():
        sender.send(f'taken-{number}')
        if sender.first_answer(f'taken-{number}').state != FaultEvent.REJECTED:
            break
    sender.answer(f'taken-{number}', FaultEvent.FIRED)


def test_an_injector_that_hangs_or_dies_harms_nobody(live, until) -> None:
    first = live.stamps_out()[-1]
    injector = live.session.system.nodes['injector']
    os.kill(injector.pid, signal.SIGSTOP)
    live.assert_undisturbed(first, more=20)
    os.kill(injector.pid, signal.SIGKILL)
    live.assert_undisturbed(first, more=20)
    assert live.session.observer.seen.recoveries == []
    until(lambda: injector.ended() is not None, 'the injector ends')
    live.session.observer.seen.diagnostics.pop('injector: status', None)
    injector.restart()
    until(
        lambda: int(live.values_of('injector: status').get('listeners', 0)) >= 2,
        'the new injector has met the detectors',
    )


def test_a_trace_that_was_recorded_is_played_again_exactly(tmp_path) -> None:
    trace = tmp_path / 'trace.jsonl'
    scenario = tmp_path / 'some.yaml'
    scenario.write_text(
        'schema: 1\nname: some\nseed: 5\nfaults:\n'
        '  - {at_s: 0.5, kind: nn.neuron.bit_flip, stage: neck, persistence: intermittent,\n'
        '     probability: 0.4, duration_s: 3.0, parameters: {bit: 3}}\n'
        '  - {at_s: 1.0, kind: nn.weight.bit_flip, persistence: permanent}\n'
    )

    def fired(live: Any) -> list[tuple[Any, ...]]:
        return sorted(
            (e.frame.sec, e.frame.nanosec, e.kind, e.stage, e.detail)
            for e in live.session.observer.seen.faults
            if e.state == FaultEvent.FIRED
        )

    def play(name: str, done: Callable[[Any], bool], **injector: Any) -> list[tuple[Any, ...]]:
        folder = tmp_path / name
        folder.mkdir()
        source = injector.pop('scenario')
        parameters = {'camera': {'use_source_stamps': True}, 'injector': injector}
        with running(folder, parameters, scenario=str(source)) as live:
            assert live.session.observer.wait_for(lambda _: done(live), 60.0)
            live.wait_for_more(5)
            return fired(live)

    def over(live: Any) -> bool:
        return any('are over' in e.detail for e in live.session.observer.seen.faults)

    first = play('first', over, scenario=scenario, trace=str(trace))
    assert len(first) >= 4
    again = play('again', lambda live: len(fired(live)) >= len(first), scenario=trace, start='now')
    assert again == first
