# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A picture of another shape."""

from __future__ import annotations

import numpy as np

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
image = cv2.resize(frame, (384, 640))           # (width, height), not (rows, columns)
session.run(None, {'x': image.transpose(2, 0, 1)[None]})
"""


def make(scene: Scene) -> Outputs:
    """Give a picture of half the size, of swapped sides or of fewer rows, by the seed."""
    image = scene.image
    wrong = scene.rng.choice(
        [image[:, :, ::2, ::2], image.transpose(0, 1, 3, 2), image[:, :, :100]]
    )
    return scene.session.infer(np.ascontiguousarray(wrong))


MISTAKE = Mistake(
    name='wrong_shape',
    cwe=1284,
    what='a picture of another size: a second camera, swapped width and height, a cropped region',
    snippet=SNIPPET,
    make=make,
    restage='nn.stage.exception',
)
