# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""No memory is left in the middle of the work."""

from __future__ import annotations

from contextlib import ExitStack

from restage.study.frameworks.framework import Outputs
from restage.study.memory import LIBC, exhaust, no_more_memory
from restage.study.mistakes.mistake import Mistake, Scene
from restage.study.worker import while_running

SNIPPET = """
docker run --memory 512m detector                    # measured on an empty road
"""


RUNS = 3
ALL = 1 << 40


def make(scene: Scene) -> Outputs:
    """Take all memory at a random moment of an inference, and infer on; give it back at the end."""
    taken: list[int] = []

    def runs() -> Outputs:
        made: Outputs = []
        for _ in range(RUNS):
            made = scene.session.infer(scene.image)
        return made

    with ExitStack() as stack:

        def strike() -> None:
            stack.enter_context(no_more_memory())
            exhaust(taken, ALL)

        try:
            return while_running(runs, scene.moment(), strike)
        finally:
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
