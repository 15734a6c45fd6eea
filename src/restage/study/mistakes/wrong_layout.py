# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A picture in another order of its axes."""

from __future__ import annotations

import numpy as np

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
image = frame.astype(np.float32) / 255          # H x W x C
session.run(None, {'x': image.reshape(1, 3, 384, 640)})   # reshape is not transpose
"""


def make(scene: Scene) -> Outputs:
    """Give rows of pixels where planes of colours are expected: as many bytes, another order."""
    image = scene.image
    pixels = np.ascontiguousarray(image.transpose(0, 2, 3, 1))
    return scene.session.infer(pixels.reshape(image.shape))


MISTAKE = Mistake(
    name='wrong_layout',
    cwe=188,
    what='height x width x colour where colour x height x width is expected: the number of '
    'bytes is right',
    snippet=SNIPPET,
    make=make,
)
