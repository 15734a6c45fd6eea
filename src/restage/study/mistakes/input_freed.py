# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A buffer of the heap is freed while the framework reads it."""

from __future__ import annotations

from restage.study.frameworks.framework import Outputs
from restage.study.memory import LIBC, allocate, allocate_pictures, array_at
from restage.study.mistakes.mistake import Mistake, Scene
from restage.study.worker import while_running

SNIPPET = """
float *image = malloc(size);
auto input = Tensor::from_blob(image, shape);   // no copy
queue.push(input);
free(image);                                    // the queue has not run yet
image = malloc(size);                           // the same memory, the next picture
"""


def make(scene: Scene) -> Outputs:
    """Hand over a heap buffer, free it at a random moment; whoever allocates next writes to it."""
    image = scene.image
    address = allocate(image.nbytes)
    buffer = array_at(address, image.shape)
    buffer[:] = image
    run = scene.session.lend(buffer)

    def strike() -> None:
        scene.struck()
        LIBC.free(address)
        allocate_pictures(scene.next_image)

    return while_running(run, scene.moment(), strike)


MISTAKE = Mistake(
    name='input_freed',
    cwe=416,
    what='a picture on the heap is freed while the framework reads it, and the memory is '
    'allocated again by the next picture',
    snippet=SNIPPET,
    make=make,
    restage='mem.use_after_free',
)
