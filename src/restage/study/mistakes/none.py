# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""No mistake: what every other trial is compared with."""

from __future__ import annotations

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
outputs = session.infer(image)
"""


def make(scene: Scene) -> Outputs:
    """Infer."""
    return scene.session.infer(scene.image)


MISTAKE = Mistake(
    name='none',
    cwe=0,
    what='no mistake',
    snippet=SNIPPET,
    make=make,
)
