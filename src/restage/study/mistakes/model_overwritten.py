# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The model file is replaced in place while it is in use."""

from __future__ import annotations

import shutil

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
model = torch.load('detector.pt', mmap=True, weights_only=True)
# meanwhile, from an update script:  cp new.pt detector.pt   (mv would have been right)
model(image)
"""


def make(scene: Scene) -> Outputs:
    """Infer while the file of the loaded model is cut to nothing, as `cp new old` begins."""
    shutil.copytree(scene.models, scene.own / 'models')
    path = scene.own / 'models' / scene.framework.file
    content = path.read_bytes()
    scene.session = scene.framework.load(path.parent, scene.threads)
    scene.session.infer(scene.images[0])
    scene.struck()
    with path.open('wb') as file:  # the same file, now empty
        try:
            return scene.session.infer(scene.image)
        finally:
            file.write(content)


MISTAKE = Mistake(
    name='model_overwritten',
    cwe=367,
    what='an update copies a model over the file of the one that is loaded, which may be '
    'mapped into memory',
    snippet=SNIPPET,
    make=make,
)
