# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Rows that are longer in memory than the picture is wide."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from restage.study.frameworks.framework import NotPossible, Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
region = frame[:, 100:740]                      # rows are further apart than they are long
mat = ncnn.Mat(region)                          # takes the address, not the strides
"""


PITCH = 64  # elements of padding behind each row, as drivers align them


def make(scene: Scene) -> Outputs:
    """Hand over a view of a buffer with padded rows."""
    image = scene.image
    padded = np.zeros((*image.shape[:3], image.shape[3] + PITCH), np.float32)
    view = padded[..., : image.shape[3]]
    view[:] = image
    with suppress(NotPossible):
        return scene.session.lend(view)()
    return scene.session.infer(view)


MISTAKE = Mistake(
    name='wrong_stride',
    cwe=805,
    what='rows are padded in memory (the pitch of a camera or of a region), and the view '
    'is handed over',
    snippet=SNIPPET,
    make=make,
)
