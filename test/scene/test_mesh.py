# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from restage.scene.camera import Camera
from restage.scene.cars import make_car
from restage.scene.mesh import draw_mesh
from restage.scene.trucks import make_truck
from restage.scene.weathers import make_weather

CAMERA = Camera(width=640, height=384, focal=608.0, cx=320.0, cy=161.0)


@pytest.mark.parametrize('make', [make_car, make_truck])
@pytest.mark.parametrize('heading', [0.0, np.pi])
def test_the_outline_spans_what_was_painted(make, heading):
    mesh = make(np.random.default_rng(4))
    canvas = np.zeros((384, 640, 3), np.uint8)
    weather = make_weather('day', np.random.default_rng(1))
    outline = draw_mesh(canvas, mesh, np.array([-1.0, 0.0, 22.0]), heading, CAMERA, weather)
    rows, cols = np.nonzero(canvas.any(axis=2))
    low, high = outline.min(axis=0), outline.max(axis=0)
    assert np.allclose([cols.min(), rows.min()], low, atol=2)
    assert np.allclose([cols.max(), rows.max()], high, atol=2)


def test_nearer_is_larger():
    mesh = make_car(np.random.default_rng(4))
    canvas = np.zeros((384, 640, 3), np.uint8)
    weather = make_weather('day', np.random.default_rng(1))
    wide = []
    for depth in (15.0, 30.0):
        outline = draw_mesh(canvas, mesh, np.array([0.0, 0.0, depth]), 0.0, CAMERA, weather)
        wide.append(np.ptp(outline[:, 0]))
    assert wide[0] > 1.8 * wide[1]
