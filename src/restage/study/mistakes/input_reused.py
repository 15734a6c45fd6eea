# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The camera writes the next picture into a buffer that is still read."""

from __future__ import annotations

import ctypes
from contextlib import suppress

from restage.study.frameworks.framework import NotPossible, Outputs
from restage.study.memory import address_of, array_at, map_pages
from restage.study.mistakes.mistake import Mistake, Scene
from restage.study.worker import while_running

SNIPPET = """
ring = [mapped_buffer() for _ in range(2)]      # one too few
request.set_input_tensor(Tensor(ring[n % 2], shared_memory=True))
request.start_async()
camera.fill(ring[(n + 2) % 2])                  # the one that is being read
"""


def make(scene: Scene) -> Outputs:
    """Write the next picture over the one that is read, at a random moment of the inference."""
    image, other = scene.image, scene.next_image
    address, run = 0, None
    with suppress(NotPossible):
        address = map_pages(image.nbytes)
        buffer = array_at(address, image.shape)
        buffer[:] = image
        run = scene.session.lend(buffer)
    if run is None:
        memory, run = scene.session.own_input(image)
        address = memory.address

    def strike() -> None:
        scene.struck()
        ctypes.memmove(address, address_of(other), other.nbytes)

    return while_running(run, scene.moment(), strike)


MISTAKE = Mistake(
    name='input_reused',
    cwe=362,
    what='a ring of buffers is too short: the camera writes the next picture into the one '
    'that is read',
    snippet=SNIPPET,
    make=make,
)
