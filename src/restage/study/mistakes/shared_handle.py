# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Two threads use one handle."""

from __future__ import annotations

import numpy as np

from restage.study.frameworks.framework import Image, Outputs
from restage.study.mistakes.mistake import Mistake, Scene
from restage.study.worker import Worker

SNIPPET = """
detector = Interpreter('detector.tflite')            # one for both
Thread(target=run_camera, args=(front, detector)).start()
Thread(target=run_camera, args=(rear, detector)).start()
"""


ROUNDS = 5


def make(scene: Scene) -> Outputs:
    """Infer in two threads with one session; return what is wrong of the first one's, if any."""
    session = scene.session
    alone = session.infer(scene.image)

    def rounds(image: Image, right: Outputs | None) -> Outputs:
        made: Outputs = []
        for _ in range(ROUNDS):
            made = session.infer(image)
            if right is not None and not _same(made, right):
                break
        return made

    scene.struck()
    first = Worker(lambda: rounds(scene.image, alone))
    second = Worker(lambda: rounds(scene.next_image, None))
    try:
        return first.wait()
    finally:
        second.wait()


def _same(some: Outputs, others: Outputs) -> bool:
    return all(
        one.shape == other.shape and np.allclose(one, other, rtol=1e-3, atol=1e-3)
        for one, other in zip(some, others, strict=True)
    )


MISTAKE = Mistake(
    name='shared_handle',
    cwe=362,
    what='two threads (two cameras) infer with one session at the same time',
    snippet=SNIPPET,
    make=make,
)
