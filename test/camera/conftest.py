# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Small videos, image folders and bags, made on the spot; the real data where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

DATA = Path(__file__).parents[3] / 'shared' / 'data'
T0 = 1_700_000_000_000_000_000


def picture(number: int, height: int = 48, width: int = 64) -> np.ndarray:
    """A picture of its own for every number, with smooth colours (for lossy codecs)."""
    y, x = np.mgrid[0:height, 0:width]
    image = np.stack([x * 2 + number * 8, y * 3, 255 - x - number * 4], axis=-1)
    return np.ascontiguousarray(image % 256, dtype=np.uint8)


@dataclass
class Skips:
    """An OnSkip that remembers."""

    calls: list[tuple[int, int, str]] = field(default_factory=list)

    def __call__(self, first: int, count: int, reason: str) -> None:
        self.calls.append((first, count, reason))


@pytest.fixture
def skips() -> Skips:
    return Skips()


@pytest.fixture(name='picture')
def picture_fixture() -> Callable[..., np.ndarray]:
    return picture


@pytest.fixture
def highway() -> Path:
    path = DATA / 'highway.mp4'
    if not path.is_file():
        pytest.skip(f'{path} is not on this machine (real dashcam video, not in the repository)')
    return path


@pytest.fixture
def make_video(tmp_path: Path) -> Callable[..., Path]:
    def make(frames: int = 10, rate: float = 20.0, name: str = 'video.mp4') -> Path:
        path = tmp_path / name
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'mp4v'), rate, (64, 48))
        assert writer.isOpened()
        for number in range(frames):
            writer.write(picture(number))
        writer.release()
        return path

    return make


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[..., Path]:
    def make(frames: int = 5, suffix: str = '.png', name: str = 'images') -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for number in range(frames):
            assert cv2.imwrite(str(folder / f'{number:04d}{suffix}'), picture(number))
        return folder

    return make


@pytest.fixture
def bag_types():
    return get_typestore(Stores.ROS2_JAZZY)


@pytest.fixture
def make_bag(tmp_path: Path, bag_types) -> Callable[..., Path]:
    """
    Return a maker of bags.

    Its topics: 'raw' and 'compressed' images, 'info'; 'text' is std_msgs/String.
    """
    types = bag_types.types
    stamp_type, header_type = (
        types['builtin_interfaces/msg/Time'],
        types['std_msgs/msg/Header'],
    )

    def header(ns: int):
        return header_type(stamp=stamp_type(sec=ns // 10**9, nanosec=ns % 10**9), frame_id='c')

    def raw(number: int, ns: int):
        image = picture(number)
        return types['sensor_msgs/msg/Image'](
            header=header(ns), height=48, width=64, encoding='bgr8', is_bigendian=0,
            step=192, data=image.reshape(-1),
        )  # fmt: skip

    def compressed(number: int, ns: int):
        data = cv2.imencode('.png', picture(number))[1].reshape(-1)
        return types['sensor_msgs/msg/CompressedImage'](
            header=header(ns), format='bgr8; png compressed bgr8', data=data
        )

    def info(_number: int, ns: int):
        roi = types['sensor_msgs/msg/RegionOfInterest'](
            x_offset=0, y_offset=0, height=0, width=0, do_rectify=False
        )
        return types['sensor_msgs/msg/CameraInfo'](
            header=header(ns), height=48, width=64, distortion_model='plumb_bob',
            d=np.array([0.1, 0.2, 0.0, 0.0, 0.3]), k=np.arange(9.0), r=np.eye(3).reshape(-1),
            p=np.arange(12.0), binning_x=0, binning_y=0, roi=roi,
        )  # fmt: skip

    def text(number: int, _ns: int):
        return types['std_msgs/msg/String'](data=str(number))

    makers = {
        'raw': ('sensor_msgs/msg/Image', raw),
        'compressed': ('sensor_msgs/msg/CompressedImage', compressed),
        'info': ('sensor_msgs/msg/CameraInfo', info),
        'text': ('std_msgs/msg/String', text),
    }

    def make(
        topics: Sequence[tuple[str, str]] = (('/cam/image_raw', 'raw'),),
        frames: int = 6,
        rate: float = 20.0,
        plugin: StoragePlugin = StoragePlugin.SQLITE3,
        name: str = 'bag',
        edit: Callable[[int, object], object] = lambda _number, message: message,
    ) -> Path:
        path = tmp_path / name
        with Writer(path, version=9, storage_plugin=plugin) as writer:
            for topic, kind in topics:
                msgtype, maker = makers[kind]
                connection = writer.add_connection(topic, msgtype, typestore=bag_types)
                for number in range(frames):
                    ns = T0 + round(number * 1e9 / rate)
                    message = edit(number, maker(number, ns - 5_000_000))
                    writer.write(connection, ns, bag_types.serialize_cdr(message, msgtype))
        return path

    return make
