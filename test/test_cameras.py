# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What tells the frames of several cameras apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restage.cameras import MOST_CAMERAS, Cameras

STAMPS = st.integers(min_value=0, max_value=2**62)


@given(STAMPS)
def test_the_frame_of_the_only_camera_is_called_by_its_stamp(stamp: int) -> None:
    for cameras in (Cameras(), Cameras(('front',))):
        assert cameras.key(stamp, 0) == stamp
        assert cameras.of(stamp) == 0


@given(STAMPS, st.integers(min_value=2, max_value=MOST_CAMERAS))
def test_frames_of_one_stamp_are_told_apart_and_their_camera_is_known(stamp: int, n: int) -> None:
    cameras = Cameras(tuple(f'camera_{number}' for number in range(n)))
    keys = [cameras.key(stamp, number) for number in range(n)]
    assert len(set(keys)) == n
    assert [cameras.of(key) for key in keys] == list(range(n))
    assert all(abs(key - stamp) < MOST_CAMERAS for key in keys)


@given(STAMPS, st.integers(min_value=MOST_CAMERAS, max_value=10**9))
def test_a_later_frame_has_the_greater_key(stamp: int, later: int) -> None:
    cameras = Cameras(('left', 'right'))
    assert cameras.key(stamp + later, 0) > cameras.key(stamp, 0)


def test_topics_lie_in_the_namespace_of_their_camera() -> None:
    assert Cameras().topic(0, 'image_raw') == 'image_raw'
    assert Cameras(('front', 'rear')).topic(1, 'image_raw') == 'rear/image_raw'


def test_no_names_mean_one_camera_without_a_name() -> None:
    assert Cameras.called([]) == Cameras() == Cameras.called([''])


@pytest.mark.parametrize(
    'names',
    [
        ('front', 'front'),
        ('front', ''),
        ('1st',),
        ('front/left',),
        tuple(f'camera_{number}' for number in range(MOST_CAMERAS + 1)),
    ],
)
def test_names_that_cannot_be_used_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match='1 to 8 different names'):
        Cameras(names)
