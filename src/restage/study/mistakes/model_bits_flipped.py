# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A model file with wrong bits."""

from __future__ import annotations

import shutil

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
session = ort.InferenceSession('/mnt/flash/detector.onnx')   # no checksum is compared
"""


BITS = 8


def make(scene: Scene) -> Outputs:
    """Load a file with 8 flipped bits, by the seed, and infer with it."""
    shutil.copytree(scene.models, scene.own / 'models')
    path = scene.own / 'models' / scene.framework.file
    content = bytearray(path.read_bytes())
    for _ in range(BITS):
        content[scene.rng.randrange(len(content))] ^= 1 << scene.rng.randrange(8)
    path.write_bytes(content)
    scene.struck()
    return scene.framework.load(path.parent, scene.threads).infer(scene.image)


MISTAKE = Mistake(
    name='model_bits_flipped',
    cwe=353,
    what='a model file with 8 flipped bits (worn flash memory, a bad cable) is loaded',
    snippet=SNIPPET,
    make=make,
    restage='nn.weight.bit_flip',
)
