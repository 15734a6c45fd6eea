# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A write behind the end of the input buffer."""

from __future__ import annotations

import ctypes

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
float *input = request.get_input_tensor().data<float>();
for (int row = 0; row <= rows + overlap; ++row)      // behind the end
    std::fill_n(input + row * cols, cols, 0.f);
"""


ROW = 640 * 4  # bytes


def make(scene: Scene) -> Outputs:
    """Write 1 to 32 rows too many, by the seed, behind the framework's own input memory."""
    memory, run = scene.session.own_input(scene.image)
    scene.struck()
    ctypes.memset(memory.address + memory.size, 0xA5, ROW * scene.rng.randint(1, 32))
    return run()


MISTAKE = Mistake(
    name='oob_write_input',
    cwe=787,
    what='an overlay draws some rows too many into the input buffer',
    snippet=SNIPPET,
    make=make,
    restage='mem.oob_write',
)
