# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Bad input gets one clear message and a count; the node lives and nothing good is lost."""

from __future__ import annotations

import array
from collections.abc import Iterator
from pathlib import Path

import pytest
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.serialization import serialize_message
from restage_msgs.msg import Heartbeat
from sensor_msgs.msg import Image

from restage.harness.domain import own_domain
from restage.harness.observer import Observer, observing
from restage.harness.running_system import RunningSystem
from restage.nodes.qos import image_qos
from restage.nodes.stamps import from_ns
from restage.system import NodeSpec

from .live import PATIENCE_S, RESPAWN_S

pytestmark = pytest.mark.e2e


def picture(stamp_ns: int, **changes) -> Image:
    message = Image(height=384, width=640, step=1920, encoding='bgr8')
    message.header.stamp = from_ns(stamp_ns)
    message.data = array.array('B', bytes(384 * 1920))
    for name, value in changes.items():
        setattr(message, name, value)
    return message


@pytest.fixture
def domain() -> Iterator[int]:
    with own_domain() as number:
        yield number


def lone(domain: int, folder: Path, **parameters) -> RunningSystem:
    spec = NodeSpec(
        name='detection_a',
        executable='detection_node',
        parameters={'autostart': True, **parameters},
    )
    return RunningSystem([spec], domain=domain, log_folder=folder)


def status_of(observer: Observer, item: str = 'status'):
    return observer.seen.diagnostics.get(f'detection_a: {item}')


def values_of(observer: Observer, item: str) -> list[tuple[str, str]]:
    return [(value.key, value.value) for value in status_of(observer, item).values]


def test_malformed_images_are_named_and_counted_and_the_good_ones_come_out(
    domain: int, tmp_path: Path
) -> None:
    with observing(domain) as observer, lone(domain, tmp_path) as system:
        assert observer.wait_for(
            lambda seen: any(b.role == Heartbeat.ROLE_PRIMARY for b in seen.heartbeats.values()),
            RESPAWN_S,
        )
        publisher = observer.node.create_publisher(Image, 'image_raw', image_qos('reliable'))
        bad = [
            picture(1, encoding='32FC1'),
            picture(2, height=0, width=0, step=0, data=array.array('B')),
            picture(3, data=array.array('B', bytes(100))),
            picture(4, step=10),
            picture(-5),
        ]
        assert observer.wait_for(lambda _: publisher.get_subscription_count() == 1, PATIENCE_S)
        for number, message in enumerate(bad):
            publisher.publish(message)
            # As a broken peer would send it: the middleware drops it.
            publisher.publish(serialize_message(message)[: 40 * number + 1])
            publisher.publish(picture(1000 + number))
            # One after the other: a burst finds no room while the node is busy with the first.
            assert observer.wait_for(
                lambda seen, number=number: len(seen.detections) > number, PATIENCE_S
            ), number
        assert [stamp for stamp, _, _ in observer.seen.detections] == [1000, 1001, 1002, 1003, 1004]
        assert observer.wait_for(
            lambda _: (
                {v.key: v.value for v in status_of(observer, 'frames').values}.get('malformed')
                == '5'
            ),
            PATIENCE_S,
        )
        reasons = [s.error for s in observer.seen.statuses if s.detector == 'malformed']
        assert len(reasons) == 5
        assert '32FC1' in reasons[0]
        assert 'bgr8' in reasons[0]
        assert 'accepted: 0 and later' in reasons[4]
        assert system.exits == []


def test_a_missing_model_is_one_clear_error_and_can_be_mended(domain: int, tmp_path: Path) -> None:
    missing = tmp_path / 'nothing.safetensors'
    with observing(domain) as observer, lone(domain, tmp_path, model=str(missing)) as system:
        assert observer.wait_for(
            lambda _: status_of(observer) and status_of(observer).level == b'\x02', RESPAWN_S
        )
        assert str(missing) in status_of(observer).message
        assert 'does not exist' in status_of(observer).message
        log = system.nodes['detection_a'].text()
        assert log.count('does not exist') == 1
        assert 'Traceback' not in log
        set_model(observer, 'bundled')
        for transition in (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE):
            change(observer, transition)
        assert observer.wait_for(
            lambda seen: seen.heartbeats['detection_a'].role == Heartbeat.ROLE_PRIMARY, PATIENCE_S
        )
        assert system.exits == []


def test_a_model_of_another_kind_is_refused(domain: int, tmp_path: Path) -> None:
    path = tmp_path / 'model.pt'
    path.write_bytes(b'PK\x03\x04 a pickled checkpoint')
    with observing(domain) as observer, lone(domain, tmp_path, model=str(path)) as system:
        assert observer.wait_for(
            lambda _: status_of(observer) and status_of(observer).level == b'\x02', RESPAWN_S
        )
        assert 'is not safetensors' in status_of(observer).message
        assert system.nodes['detection_a'].ended() is None


@pytest.mark.parametrize(
    ('parameters', 'said'),
    [
        ({'checkpoint_boundaries': ['neck', 'nose']}, "['nose']"),
        ({'reliability': 'sometimes'}, 'sometimes'),
        ({'device': 'gpu'}, "device 'gpu'; accepted: cpu"),
        ({'device': 'cuda:99'}, "device 'cuda:99'"),
    ],
)
def test_an_unacceptable_parameter_is_named_and_the_node_lives(
    domain: int, tmp_path: Path, parameters: dict, said: str
) -> None:
    with observing(domain) as observer, lone(domain, tmp_path, **parameters) as system:
        assert observer.wait_for(
            lambda _: status_of(observer) and status_of(observer).level == b'\x02', RESPAWN_S
        )
        assert said in status_of(observer).message
        assert said in system.nodes['detection_a'].text()
        assert 'Traceback' not in system.nodes['detection_a'].text()
        assert system.nodes['detection_a'].ended() is None


def test_a_start_with_a_parameter_out_of_range_ends_with_one_message(
    domain: int, tmp_path: Path
) -> None:
    with lone(domain, tmp_path, threads=0) as system:
        node = system.nodes['detection_a']
        assert node.process.wait(RESPAWN_S) == 2
        assert 'threads' in node.text()
        assert 'Traceback' not in node.text()


def call(observer: Observer, kind, name: str, request):
    client = observer.node.create_client(kind, name)
    assert client.wait_for_service(PATIENCE_S)
    future = client.call_async(request)
    assert observer.wait_for(lambda _: future.done(), RESPAWN_S)
    return future.result()


def change(observer: Observer, transition: int) -> None:
    request = ChangeState.Request()
    request.transition.id = transition
    assert call(observer, ChangeState, 'detection_a/change_state', request).success


def set_model(observer: Observer, model: str) -> None:
    value = ParameterValue(type=ParameterType.PARAMETER_STRING, string_value=model)
    request = SetParameters.Request(parameters=[Parameter(name='model', value=value)])
    assert (
        call(observer, SetParameters, 'detection_a/set_parameters', request).results[0].successful
    )
