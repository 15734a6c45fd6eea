# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin

from restage.camera.bag_source import BagSource
from restage.camera.errors import SourceError
from restage.camera.folder_source import FolderSource
from restage.camera.source import open_source
from restage.camera.video_source import VideoSource

OPTIONS = {'seed': 3, 'width': 160, 'height': 96}


def test_the_kind_follows_from_the_path(make_video, make_folder, make_bag, tmp_path):
    bag = make_bag(plugin=StoragePlugin.MCAP)
    assert isinstance(open_source(str(make_video()), **OPTIONS), VideoSource)
    assert isinstance(open_source(str(make_folder()), **OPTIONS), FolderSource)
    assert isinstance(open_source(str(bag), **OPTIONS), BagSource)
    assert isinstance(open_source(str(bag / 'bag.mcap'), **OPTIONS), BagSource)
    (bag / 'metadata.yaml').unlink()
    assert len(list(open_source(str(bag), **OPTIONS).frames())) == 6
    (bag / 'copy.mcap').write_bytes((bag / 'bag.mcap').read_bytes())
    with pytest.raises(SourceError, match=r'2 bag files.*ros2 bag reindex'):
        open_source(str(bag), **OPTIONS)


@pytest.mark.parametrize('spec', ['', ' ', '/no/such/file.mp4', 'rtsp://camera/1', 'synthetics'])
def test_what_does_not_exist_is_named_with_the_choice(spec):
    with pytest.raises(SourceError, match=r"does not exist; accepted: 'synthetic'") as caught:
        open_source(spec, **OPTIONS)
    assert f"'{spec}'" in str(caught.value)


def test_an_unknown_kind_of_file(tmp_path):
    path = tmp_path / 'notes.txt'
    path.write_text('hello')
    with pytest.raises(SourceError, match=r"notes\.txt' is of an unknown kind; accepted: "):
        open_source(str(path), **OPTIONS)


def test_a_path_that_cannot_even_be_looked_up():
    with pytest.raises(SourceError, match=r'cannot be read|does not exist'):
        open_source('a\0b', **OPTIONS)
    with pytest.raises(SourceError, match=r'cannot be read|does not exist'):
        open_source('x' * 5000, **OPTIONS)


def test_skips_are_logged_unless_someone_listens(make_folder, caplog):
    folder = make_folder(3)
    (folder / '0001.png').write_bytes(b'nonsense')
    with caplog.at_level(logging.WARNING):
        assert len(list(open_source(str(folder), **OPTIONS).frames())) == 2
    assert '0001.png' in caplog.text


def test_synthetic_is_the_scene():
    scene = pytest.importorskip('restage.scene')
    source = open_source('synthetic', **OPTIONS)
    assert source.rate_hz == 30.0
    frames = source.frames()
    wanted = scene.RoadScene(3, width=160, height=96, weather=None)
    for number in range(3):
        frame = next(frames)
        assert frame.index == number
        assert frame.image.shape == (96, 160, 3)
        np.testing.assert_array_equal(frame.image, wanted.frame(number).image)


def test_synthetic_of_an_odd_size():
    pytest.importorskip('restage.scene')
    with pytest.raises(SourceError, match="'synthetic': size must be even"):
        open_source('synthetic', seed=3, width=161, height=96)


def test_synthetic_with_weather():
    pytest.importorskip('restage.scene')
    assert 'night' in open_source('synthetic:night', **OPTIONS).description
    for weather in ('', 'snow'):
        with pytest.raises(SourceError, match=rf"'synthetic:{weather}'.*night"):
            open_source(f'synthetic:{weather}', **OPTIONS)
