# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A picture of another element type."""

from __future__ import annotations

import numpy as np

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
image = frame / 255.0                           # float64: NumPy's default
request.infer({0: image})
"""


def make(scene: Scene) -> Outputs:
    """Give float64 or uint8 where float32 is expected, by the seed."""
    image = scene.image
    kind = scene.rng.choice([np.float64, np.uint8])
    scale = 255 if kind is np.uint8 else 1
    return scene.session.infer((image * scale).astype(kind))


MISTAKE = Mistake(
    name='wrong_dtype',
    cwe=843,
    what='float64 (a division in NumPy) or uint8 (no scaling) where float32 is expected',
    snippet=SNIPPET,
    make=make,
)
