# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Outputs are read before the inference is complete."""

from __future__ import annotations

import time

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
request.start_async()
boxes = decode(request.output_tensors[0].data)  # request.wait() is missing
"""


def make(scene: Scene) -> Outputs:
    """Read the outputs at a random moment of the inference."""
    pending = scene.session.begin(scene.image)
    time.sleep(scene.moment())
    seen = pending.peek()
    pending.wait()
    return seen


MISTAKE = Mistake(
    name='output_read_early',
    cwe=820,
    what='outputs are read before the inference is complete',
    snippet=SNIPPET,
    make=make,
)
