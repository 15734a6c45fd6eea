# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""No memory is left in the middle of the work."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

from restage.study.frameworks.framework import Outputs
from restage.study.memory import LIBC, exhaust, no_more_memory
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
docker run --memory 512m detector                    # measured when it was alone in there
"""


RUNS = 3
ALL = 1 << 40


def make(scene: Scene) -> Outputs:
    """Take all memory at a random moment of an inference, and infer on; give it back at the end."""
    taken: list[int] = []
    moment = scene.moment()
    with ExitStack() as stack:

        def strike() -> None:
            time.sleep(moment)
            scene.struck()
            stack.enter_context(no_more_memory())
            exhaust(taken, ALL)

        # The inference stays in the main thread: the heap of a new one has a reserve.
        thief = threading.Thread(target=strike)
        thief.start()
        try:
            for _ in range(RUNS):
                scene.session.infer(scene.image)
            thief.join()
            return scene.session.infer(scene.image)
        finally:
            thief.join()
            for block in taken:
                LIBC.free(block)


MISTAKE = Mistake(
    name='allocation_failure',
    cwe=770,
    what='the process may have no more memory in the middle of an inference: a limit, or a '
    'neighbour that took it',
    snippet=SNIPPET,
    make=make,
    restage='mem.oom',
)
