# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from restage.scene.camera import CAMERA_HEIGHT, Camera

CAMERA = Camera(width=640, height=384, focal=600.0, cx=320.0, cy=160.0)


def test_projection():
    points = np.array([[0.0, CAMERA_HEIGHT, 10.0], [1.0, 0.0, 10.0]])
    assert np.allclose(CAMERA.project(points), [[320, 160], [380, 160 + 60 * CAMERA_HEIGHT]])


def test_points_behind_stay_finite():
    assert np.isfinite(CAMERA.project(np.array([[1.0, 0.0, -3.0]]))).all()


def test_culling():
    assert CAMERA.sees(0.0, 10.0, 1.0)
    assert not CAMERA.sees(30.0, 10.0, 1.0)
    assert not CAMERA.sees(0.0, -10.0, 1.0, 5.0)
