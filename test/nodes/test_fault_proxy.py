# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The fault proxy between two topics that only keep what they get."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from builtin_interfaces.msg import Time
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from restage.faults.command import Fault
from restage.faults.enums import Persistence, When
from restage.faults.stream.injector import StreamInjector
from restage.faults.stream.release import Release
from restage.nodes.fault_proxy_node import FaultProxyNode

WIDTH, HEIGHT = 4, 2


class Proxy(FaultProxyNode):
    """The node without its ROS."""

    context = SimpleNamespace(ok=lambda: True)

    def __init__(self) -> None:
        self.sent: list[Image] = []
        self.said: list[str] = []
        self._received = self._sent = 0
        self._stream = StreamInjector(lambda _: None)
        self._release = Release(self._send, self._failed)
        self._out = SimpleNamespace(publish=self.sent.append)

    def get_logger(self) -> SimpleNamespace:
        return SimpleNamespace(error=lambda text, **_: self.said.append(text))

    def destroy_node(self) -> None:
        self._release.stop()

    def hear(self, number: int) -> None:
        self._on_image(
            Image(
                header=Header(stamp=Time(sec=number), frame_id=f'camera {number}'),
                height=HEIGHT,
                width=WIDTH,
                encoding='mono8',
                step=WIDTH,
                data=array('B', [number] * (WIDTH * HEIGHT)),
            )
        )


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    yield proxy
    proxy.destroy_node()


def test_all_that_waits_behind_a_late_image_comes_out_as_it_came(
    proxy: Proxy, until: Callable[[Callable[[], object], str], None]
) -> None:
    proxy._stream.arm(
        Fault(
            id='late',
            kind='input.delay',
            when=When.BEFORE,
            persistence=Persistence.TRANSIENT,
            parameters={'delay_ms': 300.0},
        )
    )
    numbers = list(range(1, 201))
    for number in numbers:
        proxy.hear(number)
    until(lambda: len(proxy.sent) == len(numbers), 'all images')
    assert proxy.said == []
    assert [image.header.stamp.sec for image in proxy.sent] == numbers
    for number, image in zip(numbers, proxy.sent, strict=True):
        assert image.header.frame_id == f'camera {number}'
        assert (image.width, image.height, image.step) == (WIDTH, HEIGHT, WIDTH)
        assert image.encoding == 'mono8'
        assert image.data.tolist() == [number] * (WIDTH * HEIGHT)
