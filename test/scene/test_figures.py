# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from restage.scene.camera import Camera
from restage.scene.cyclists import make_rider, pose_rider
from restage.scene.pedestrians import make_person, pose_person
from restage.scene.skeleton import draw_figure
from restage.scene.weathers import make_weather

CAMERA = Camera(width=640, height=384, focal=608.0, cx=320.0, cy=161.0)


@pytest.mark.parametrize('kind', ['pedestrian', 'cyclist'])
@pytest.mark.parametrize('heading', [0.0, np.pi / 2])
def test_the_outline_spans_what_was_painted(kind, heading):
    rng = np.random.default_rng(8)
    figure = pose_person(make_person(rng), 1.0, True)
    if kind == 'cyclist':
        figure = pose_rider(make_rider(rng), 1.0)
    canvas = np.zeros((384, 640, 3), np.uint8)
    weather = make_weather('overcast', rng)
    place = np.array([0.5, 0.0, 12.0])
    outline = draw_figure(canvas, figure, place, heading, CAMERA, weather)
    rows, cols = np.nonzero(canvas.any(axis=2))
    assert np.allclose([cols.min(), rows.min()], outline.min(axis=0), atol=3)
    assert np.allclose([cols.max(), rows.max()], outline.max(axis=0), atol=3)


def test_walking_moves_the_legs():
    person = make_person(np.random.default_rng(2))
    assert pose_person(person, 0.0, True).points != pose_person(person, 1.0, True).points
