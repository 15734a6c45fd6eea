# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The memory that the weights were loaded from is freed."""

from __future__ import annotations

from restage.study.frameworks.framework import NotPossible, Outputs
from restage.study.memory import LIBC, allocate_pictures
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
char *blob = read_file("detector.bin");
auto model = core.read_model(xml, Tensor(blob));     // refers to it
free(blob);                                          // "loaded, no longer needed"
"""


def make(scene: Scene) -> Outputs:
    """Free the weights' memory, allocate pictures, then infer."""
    shared = scene.framework.load_shared(scene.models, scene.threads)
    if shared.held:
        raise NotPossible(shared.held)
    scene.session = shared.session
    scene.session.infer(scene.images[0])
    scene.struck()
    for block in shared.blocks:
        LIBC.free(block.address)
    allocate_pictures(scene.next_image, [block.size for block in shared.blocks])
    return scene.session.infer(scene.image)


MISTAKE = Mistake(
    name='model_memory_freed',
    cwe=416,
    what='the memory that the weights were loaded from is freed after loading, but the '
    'framework shares it',
    snippet=SNIPPET,
    make=make,
    restage='mem.use_after_free',
)
