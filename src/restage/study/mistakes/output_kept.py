# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A view of the outputs is used after the next inference."""

from __future__ import annotations

import numpy as np

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
result = compiled(image, share_outputs=True)    # views, no copies
tracker.push(result[0])
compiled(next_image, share_outputs=True)        # writes over what the tracker has
"""


def make(scene: Scene) -> Outputs:
    """Keep views of the outputs, compute the next picture, then use the views."""
    views = scene.session.live_outputs(scene.image)
    scene.struck()
    scene.session.live_outputs(scene.next_image)
    return [np.array(view) for view in views]


MISTAKE = Mistake(
    name='output_kept',
    cwe=664,
    what='a view of the outputs is kept without a copy and used after the next inference',
    snippet=SNIPPET,
    make=make,
)
