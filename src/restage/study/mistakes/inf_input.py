# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One element of the picture is an infinity."""

from __future__ import annotations

import numpy as np

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
image = frame / exposure                             # the exposure is reported as 0
"""


def make(scene: Scene) -> Outputs:
    """Put an infinity into one element, by the seed."""
    image = scene.image.copy()
    image.reshape(-1)[scene.rng.randrange(image.size)] = np.inf
    return scene.session.infer(image)


MISTAKE = Mistake(
    name='inf_input',
    cwe=754,
    what='one element of the picture is an infinity: a division by zero in the scaling of '
    'the picture',
    snippet=SNIPPET,
    make=make,
)
