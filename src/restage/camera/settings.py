# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The camera node's parameters: names, defaults, ranges and what they mean."""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any

RELIABILITIES = ('best_effort', 'reliable')


def _setting(
    default: Any,
    description: str,
    *,
    low: float | None = None,
    high: float | None = None,
    read_only: bool = False,
) -> Any:
    metadata = {'description': description, 'low': low, 'high': high, 'read_only': read_only}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class CameraSettings:
    """
    One value for each parameter of the node; ``describe`` tells the rest.

    :raises ValueError: naming the parameter, its value and what is accepted.
    """

    source: str = _setting(
        'synthetic',
        "'synthetic' or 'synthetic:WEATHER', a video file, an image folder or a rosbag2 folder",
    )
    topic: str = _setting('', 'image topic of a bag; empty: its only one')
    rate_hz: float = _setting(
        0.0, "frames per second; 0.0: the source's own rate", low=0.0, high=1000.0
    )
    loop: bool = _setting(True, 'start over when the source ends')
    max_frames: int = _setting(0, 'stop after this many frames; 0: no limit', low=0, high=2**62)
    seed: int = _setting(1, 'seed of the synthetic scene', low=0, high=2**62)
    width: int = _setting(640, 'width of the synthetic scene in pixels, even', low=160, high=8192)
    height: int = _setting(384, 'height of the synthetic scene in pixels, even', low=96, high=8192)
    use_source_stamps: bool = _setting(
        False, "stamp the images with a bag's own times instead of the ROS clock's now"
    )
    frame_id: str = _setting('camera', 'frame_id of image and camera_info', read_only=True)
    reliability: str = _setting(
        'best_effort',
        f'QoS reliability of image_raw: {" or ".join(RELIABILITIES)}',
        read_only=True,
    )
    wait_for_subscribers: int = _setting(
        0,
        'publish the first frame once this many subscriptions match image_raw',
        low=0,
        high=1000,
        read_only=True,
    )
    frame_log: str = _setting(
        '',
        'file to which a JSON line is appended for every published frame; empty: none',
        read_only=True,
    )

    def __post_init__(self) -> None:
        for item in fields(self):
            check(item, getattr(self, item.name))


def check(item: Field[Any], value: Any) -> None:
    """
    Check one parameter's value.

    :raises ValueError: naming the parameter, the value and what is accepted.
    """
    kind = type(item.default)
    name = {bool: 'true or false', int: 'an integer', float: 'a decimal', str: 'a string'}[kind]
    if type(value) is not kind:
        example = f', for example {item.default!r}' if kind is float else ''
        raise ValueError(f"parameter '{item.name}' is {value!r}; it must be {name}{example}")
    low, high = item.metadata['low'], item.metadata['high']
    if low is not None and not low <= value <= high:
        raise ValueError(
            f"parameter '{item.name}' is {value!r}; it must be between {low} and {high}"
        )
    if item.name == 'reliability' and value not in RELIABILITIES:
        raise ValueError(
            f"parameter 'reliability' is '{value}'; it must be {' or '.join(RELIABILITIES)}"
        )
