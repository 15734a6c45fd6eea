# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A write behind the end of a weight."""

from __future__ import annotations

import ctypes

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
std::vector<float> bias = load("head.bias");         // shared with the framework
for (size_t i = 0; i <= count_of_all_classes; ++i)   // of another version of the model
    bias[i] += offset;
"""


def make(scene: Scene) -> Outputs:
    """Write 16 to 4096 bytes, by the seed, behind a weight in the application's memory."""
    shared = scene.framework.load_shared(scene.models, scene.threads)
    scene.session = shared.session
    scene.session.infer(scene.images[0])
    block = scene.rng.choice(shared.blocks)
    scene.struck()
    ctypes.memset(block.address + block.size, 0xA5, scene.rng.randint(16, 4096))
    return scene.session.infer(scene.image)


MISTAKE = Mistake(
    name='oob_write_weight',
    cwe=787,
    what='a write behind the end of a weight that lies in memory of the application',
    snippet=SNIPPET,
    make=make,
    restage='mem.oob_write',
)
