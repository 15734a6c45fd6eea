# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every picture leaks until the memory limit is reached."""

from __future__ import annotations

from restage.study.frameworks.framework import Outputs
from restage.study.memory import LIBC, exhaust, no_more_memory
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
void on_image(const Image &image) {
    float *scaled = new float[3 * 384 * 640];        // never deleted
    scale(image, scaled);
    session.Run(options, names, &wrap(scaled), 1, outputs, 3);
}
"""


LIMIT = 128 << 20
STEP = 8 << 20
MOST_FRAMES = 24


def make(scene: Scene) -> Outputs:
    """Leak with every picture below a memory limit, infer on; give it all back at the end."""
    leaked: list[int] = []
    try:
        with no_more_memory(LIMIT):
            made: Outputs = []
            for _ in range(MOST_FRAMES):
                exhaust(leaked, STEP)
                made = scene.session.infer(scene.image)
            return made
    finally:
        for block in leaked:
            LIBC.free(block)


MISTAKE = Mistake(
    name='leak',
    cwe=401,
    what='every picture leaks, until the memory limit of the process is reached and '
    'allocations fail',
    snippet=SNIPPET,
    make=make,
    restage='mem.leak',
)
