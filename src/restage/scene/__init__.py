# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Rendered road scenes: the live synthetic camera and the detector's training data."""

from restage.scene.road_scene import RoadScene
from restage.scene.types import CLASSES, SceneFrame, SceneObject
from restage.scene.weathers import WEATHERS

__all__ = ['CLASSES', 'WEATHERS', 'RoadScene', 'SceneFrame', 'SceneObject']
