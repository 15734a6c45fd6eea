# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The input buffer is never written to."""

from __future__ import annotations

import ctypes

from restage.study.frameworks.framework import Outputs
from restage.study.memory import LIBC, allocate
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
image = np.empty((1, 3, 384, 640), np.float32)
if camera.ready():                                   # else: whatever was there
    image[:] = camera.read()
session.run(None, {'x': image})
"""


def make(scene: Scene) -> Outputs:
    """Compute with input memory as it is, on a heap that others have used."""
    size = scene.image.nbytes
    used = [allocate(size) for _ in range(8)]
    for block in used:
        ctypes.memset(block, scene.rng.randrange(256), size)
    for block in used:
        LIBC.free(block)
    _, run = scene.session.own_input(None)
    scene.struck()
    return run()


MISTAKE = Mistake(
    name='uninitialised_input',
    cwe=457,
    what='the input buffer is allocated, but nothing is written to it: the camera had no picture',
    snippet=SNIPPET,
    make=make,
)
