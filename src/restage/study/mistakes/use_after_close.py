# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A handle is used after the session was closed."""

from __future__ import annotations

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
ncnn::Extractor extractor = net.create_extractor();
net.clear();                                         // the node is shut down
extractor.input("x", image);                         // a callback comes late
"""


def make(scene: Scene) -> Outputs:
    """Close the session, use a handle of it; then load the model anew."""
    try:
        return scene.session.use_closed(scene.image)
    finally:
        scene.session = scene.framework.load(scene.models, scene.threads)


MISTAKE = Mistake(
    name='use_after_close',
    cwe=672,
    what='a handle or a result is used after the session was closed or deleted',
    snippet=SNIPPET,
    make=make,
)
