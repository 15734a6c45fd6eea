# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The process is forked after the framework was initialised."""

from __future__ import annotations

import os

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
detector = load_model()
with multiprocessing.get_context('fork').Pool() as pool:
    pool.map(detector.infer, images)                 # its threads stayed in the parent
"""


POOL = 2  # threads: what an application has unless it says otherwise


def make(scene: Scene) -> Outputs:
    """Fork, and go on in the child with the session of the parent, which has a pool of threads."""
    scene.session = scene.framework.load(scene.models, POOL)
    scene.session.infer(scene.images[0])
    scene.struck()
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):  # the child is what is looked at: end as it did
            os.kill(os.getpid(), os.WTERMSIG(status))
        os._exit(os.WEXITSTATUS(status))
    return scene.session.infer(scene.image)


MISTAKE = Mistake(
    name='fork_after_init',
    cwe=833,
    what='the session is made, then the process forks (multiprocessing, daemon), and the '
    'child uses it: threads and locks are not inherited',
    snippet=SNIPPET,
    make=make,
)
