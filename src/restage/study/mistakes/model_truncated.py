# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A model file that ends too early."""

from __future__ import annotations

import os
import shutil

from restage.study.frameworks.framework import Outputs
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
urllib.request.urlretrieve(url, 'detector.onnx')     # the link broke; no checksum is compared
session = ort.InferenceSession('detector.onnx')
"""


def make(scene: Scene) -> Outputs:
    """Load a file that was cut at 5 to 95 % of its length, by the seed, and infer with it."""
    shutil.copytree(scene.models, scene.own / 'models')
    path = scene.own / 'models' / scene.framework.file
    os.truncate(path, round(path.stat().st_size * scene.rng.uniform(0.05, 0.95)))
    scene.struck()
    return scene.framework.load(path.parent, scene.threads).infer(scene.image)


MISTAKE = Mistake(
    name='model_truncated',
    cwe=354,
    what='a model file that was not written to its end (a full disk, a download that '
    'broke) is loaded',
    snippet=SNIPPET,
    make=make,
)
