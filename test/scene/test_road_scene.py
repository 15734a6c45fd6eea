# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from restage.scene import CLASSES, WEATHERS, RoadScene


@pytest.fixture(scope='module')
def scene() -> RoadScene:
    return RoadScene(5, weather='day')


def test_same_seed_and_index_give_identical_pixels_and_boxes(scene):
    again = RoadScene(5, weather='day')
    again.frame(3)
    first, second = scene.frame(700), again.frame(700)
    assert np.array_equal(first.image, second.image)
    assert first.objects == second.objects


def test_frames_in_any_order(scene):
    early = scene.frame(10)
    scene.frame(4000)
    assert np.array_equal(scene.frame(10).image, early.image)


def test_picture_format(scene):
    image = scene.frame(0).image
    assert image.shape == (384, 640, 3)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous


def test_other_size():
    frame = RoadScene(6, 320, 192, weather='fog').frame(5)
    assert frame.image.shape == (192, 320, 3)
    assert all(0 <= item.box[0] < item.box[2] <= 320 for item in frame.objects)


def test_different_seeds_differ(scene):
    assert not np.array_equal(RoadScene(7, weather='day').frame(0).image, scene.frame(0).image)


@pytest.mark.parametrize('weather', WEATHERS)
def test_every_weather_renders_objects_inside_the_picture(weather):
    scene = RoadScene(11, weather=weather)
    assert scene.weather == weather
    for index in (0, 333):
        frame = scene.frame(index)
        assert 8 < frame.image.mean() < 230
        for item in frame.objects:
            x1, y1, x2, y2 = item.box
            assert 0 <= x1 < x2 <= 640
            assert 0 <= y1 < y2 <= 384
            assert 0 < item.visibility <= 1
            assert 0 <= item.class_id < len(CLASSES)


def test_the_stream_never_runs_dry_and_shows_every_class():
    seen = set()
    for seed in (21, 22, 23):
        scene = RoadScene(seed, weather='day')
        for index in range(0, 30_000, 2_500):
            objects = scene.frame(index).objects
            assert objects
            seen.update(item.class_id for item in objects)
    assert seen == set(range(len(CLASSES)))


def test_tracks_last_from_frame_to_frame(scene):
    now = {item.track_id: item for item in scene.frame(300).objects}
    after = {item.track_id: item for item in scene.frame(301).objects}
    shared = now.keys() & after.keys()
    assert len(shared) >= 0.7 * len(now)
    assert all(now[key].class_id == after[key].class_id for key in shared)


def test_small_or_hidden_objects_are_ignored(scene):
    for index in range(0, 3000, 300):
        for item in scene.frame(index).objects:
            x1, y1, x2, y2 = item.box
            if y2 - y1 < 8 or x2 - x1 < 6 or item.visibility < 0.35:
                assert item.ignore


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ({'seed': -1}, 'negative'),
        ({'seed': 1, 'width': 641}, 'even'),
        ({'seed': 1, 'height': 10}, 'at least'),
        ({'seed': 1, 'weather': 'snow'}, 'choose one of'),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        RoadScene(**arguments)
