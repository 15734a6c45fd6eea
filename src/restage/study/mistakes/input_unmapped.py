# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A camera buffer is unmapped while the framework reads it."""

from __future__ import annotations

from restage.study.frameworks.framework import Outputs
from restage.study.memory import LIBC, array_at, map_pages
from restage.study.mistakes.mistake import Mistake, Scene
from restage.study.worker import while_running

SNIPPET = """
buffer = v4l2.mmap(index)                 # pages of the driver
worker.submit(request.infer, buffer)      # reads them in place
v4l2.munmap(index)                        # the stream is stopped: too early
"""


def make(scene: Scene) -> Outputs:
    """Hand over a mapped buffer, and unmap it at a random moment of the inference."""
    image = scene.image
    address = map_pages(image.nbytes)
    buffer = array_at(address, image.shape)
    buffer[:] = image
    run = scene.session.lend(buffer)

    def strike() -> None:
        scene.struck()
        LIBC.munmap(address, image.nbytes)

    return while_running(run, scene.moment(), strike)


MISTAKE = Mistake(
    name='input_unmapped',
    cwe=825,
    what='the buffer of a camera driver is unmapped (the stream is stopped) while the '
    'framework reads it',
    snippet=SNIPPET,
    make=make,
    restage='mem.use_after_free',
)
