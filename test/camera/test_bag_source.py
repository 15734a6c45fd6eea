# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin

from restage.camera.bag_source import BagSource
from restage.camera.errors import SourceError

PLUGINS = [StoragePlugin.SQLITE3, StoragePlugin.MCAP]
T0 = 1_700_000_000_000_000_000


@pytest.mark.parametrize('plugin', PLUGINS)
@pytest.mark.parametrize('kind', ['raw', 'compressed'])
def test_frames_rate_and_stamps(make_bag, picture, skips, plugin, kind):
    source = BagSource(make_bag([('/image', kind)], plugin=plugin), '', skips)
    assert source.rate_hz == pytest.approx(20.0)
    assert source.intrinsics is None
    for _ in range(2):
        frames = list(source.frames())
        assert [frame.index for frame in frames] == list(range(6))
        assert frames[2].stamp_ns == T0 + 100_000_000 - 5_000_000
        for frame in frames:
            np.testing.assert_array_equal(frame.image, picture(frame.index))
    assert skips.calls == []


@pytest.mark.parametrize('plugin', PLUGINS)
def test_the_calibration_beside_the_images_is_used(make_bag, skips, plugin):
    topics = [('/cam/image/compressed', 'compressed'), ('/cam/camera_info', 'info')]
    numbers = BagSource(make_bag(topics, plugin=plugin), '', skips).intrinsics
    assert numbers is not None
    assert numbers.d == (0.1, 0.2, 0.0, 0.0, 0.3)
    assert numbers.p == tuple(range(12))


def test_several_image_topics_need_a_choice(make_bag, skips):
    path = make_bag([('/left/image', 'raw'), ('/right/image', 'compressed'), ('/t', 'text')])
    with pytest.raises(SourceError, match=r"'topic'.*/left/image \(6 messages\), /right/image"):
        BagSource(path, '', skips)
    assert '/right/image' in BagSource(path, '/right/image', skips).description
    assert '/left/image' in BagSource(path, 'left/image', skips).description
    with pytest.raises(SourceError, match=r"no image topic '/up'.*/left/image"):
        BagSource(path, '/up', skips)


def test_no_image_topic_lists_what_there_is(make_bag, skips):
    with pytest.raises(SourceError, match=r'no image topic.*/chatter \(std_msgs/msg/String\)'):
        BagSource(make_bag([('/chatter', 'text')]), '', skips)


def test_a_topic_without_messages(make_bag, skips):
    with pytest.raises(SourceError, match="'/image' has no messages"):
        BagSource(make_bag([('/image', 'raw')], frames=0), '', skips)


def test_one_frame_has_no_rate_of_its_own(make_bag, skips):
    assert BagSource(make_bag(frames=1), '', skips).rate_hz == 10.0


def test_a_corrupt_message_is_skipped(make_bag, skips):
    def cut(number, message):
        return dataclasses.replace(message, data=message.data[:-7]) if number == 2 else message

    frames = list(BagSource(make_bag(edit=cut), '', skips).frames())
    assert [frame.index for frame in frames] == [0, 1, 3, 4, 5]
    ((first, count, reason),) = skips.calls
    assert (first, count) == (2, 1)
    assert 'truncated' in reason


def test_only_corrupt_messages(make_bag, skips):
    path = make_bag(edit=lambda _n, message: dataclasses.replace(message, data=message.data[:9]))
    with pytest.raises(SourceError, match=r'not one image can be read.*truncated'):
        BagSource(path, '', skips)


@pytest.mark.parametrize(
    ('kind', 'change'),
    [('raw', {'encoding': '32FC1'}), ('compressed', {'format': '16UC1; compressedDepth png'})],
)
def test_encodings_that_cannot_be_read(make_bag, skips, kind, change):
    path = make_bag([('/image', kind)], edit=lambda _n, m: dataclasses.replace(m, **change))
    with pytest.raises(SourceError, match=r"'/image'.*cannot be read; accepted"):
        BagSource(path, '', skips)


@pytest.mark.parametrize('plugin', PLUGINS)
@pytest.mark.parametrize('keep', [0, 30, 0.5, 0.98])
def test_a_bag_that_is_cut_short(make_bag, skips, plugin, keep):
    path = make_bag(plugin=plugin, frames=40)
    (file,) = (file for file in path.iterdir() if file.suffix != '.yaml')
    data = file.read_bytes()
    file.write_bytes(data[: keep if isinstance(keep, int) else int(len(data) * keep)])
    with pytest.raises(SourceError, match=r'broken or cut short') as caught:
        list(BagSource(path, '', skips).frames())
    assert str(path) in str(caught.value)


@pytest.mark.parametrize('text', ['', 'a: [', 'rosbag2_bagfile_information: {version: 99}'])
def test_broken_metadata(make_bag, skips, text):
    path = make_bag()
    (path / 'metadata.yaml').write_text(text)
    with pytest.raises(SourceError, match='broken or cut short'):
        BagSource(path, '', skips)
