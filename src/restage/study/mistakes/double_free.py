# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""An output is freed by the application and by the framework."""

from __future__ import annotations

import gc

import numpy as np

from restage.study.frameworks.framework import Outputs
from restage.study.memory import LIBC, address_of
from restage.study.mistakes.mistake import Mistake, Scene

SNIPPET = """
float *scores = output.GetTensorMutableData<float>();
process(scores);
free(scores);                                        // the framework does that, too
"""


def make(scene: Scene) -> Outputs:
    """Free the memory of an output, which its owner will free as well."""
    views = scene.session.live_outputs(scene.image)
    copies = [np.array(view) for view in views]
    scene.struck()
    LIBC.free(address_of(views[0]))
    del views
    gc.collect()
    return copies


MISTAKE = Mistake(
    name='double_free',
    cwe=415,
    what='the application frees an output that the framework owns and frees as well',
    snippet=SNIPPET,
    make=make,
    restage='mem.double_free',
)
