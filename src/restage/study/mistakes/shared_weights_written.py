# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The application writes into the memory of the weights."""

from __future__ import annotations

import ctypes

from restage.study.frameworks.framework import Outputs
from restage.study.memory import address_of
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
blob = read_file("detector.bin")                     # "only needed for loading"
model = core.read_model(xml, Tensor(blob, shared_memory=True))
camera.fill(blob)                                    # the weights are in there
"""


MOST = 64 * 1024


def make(scene: Scene) -> Outputs:
    """Use part of a weight's memory for pixels."""
    shared = scene.framework.load_shared(scene.models, scene.threads)
    scene.session = shared.session
    scene.session.infer(scene.images[0])
    block = scene.rng.choice(shared.blocks)
    size = min(MOST, block.size)
    start = scene.rng.randint(0, block.size - size)
    scene.struck()
    ctypes.memmove(block.address + start, address_of(scene.next_image), size)
    return scene.session.infer(scene.image)


MISTAKE = Mistake(
    name='shared_weights_written',
    cwe=471,
    what='the buffer that the weights were loaded from is used for pictures, but the '
    'framework shares it',
    snippet=SNIPPET,
    make=make,
    restage='nn.weight.set_value',
)
