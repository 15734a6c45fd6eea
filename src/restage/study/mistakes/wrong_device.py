# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Memory of, or work for, a device that is not there."""

from __future__ import annotations

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
net.setPreferableBackend(cv2.dnn.DNN_BACKEND_CUDA)   # a build without CUDA
net.forward()
"""


def make(scene: Scene) -> Outputs:
    """Use a device that the machine or the build of the framework does not have."""
    return scene.session.elsewhere(scene.image)


MISTAKE = Mistake(
    name='wrong_device',
    cwe=1188,
    what='the application was written for a GPU, and is started where there is none',
    snippet=SNIPPET,
    make=make,
)
