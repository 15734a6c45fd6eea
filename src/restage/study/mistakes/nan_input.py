# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One element of the picture is NaN."""

from __future__ import annotations

import numpy as np

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
image = (frame - frame.min()) / (frame.max() - frame.min())  # a black frame: 0 / 0
"""


def make(scene: Scene) -> Outputs:
    """Put NaN into one element, by the seed."""
    image = scene.image.copy()
    image.reshape(-1)[scene.rng.randrange(image.size)] = np.nan
    return scene.session.infer(image)


MISTAKE = Mistake(
    name='nan_input',
    cwe=754,
    what='one element of the picture is NaN: a division by zero in the scaling of the picture',
    snippet=SNIPPET,
    make=make,
    restage='nn.neuron.nan',
)
