# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which frameworks are here, and whether each computes what the detector does."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from restage.detector.weights import load_network
from restage.study.campaign import TrialFolder, golden_outputs, request_for
from restage.study.difference import compare
from restage.study.frameworks import find_framework
from restage.study.launch import launch
from restage.study.mistakes import CONTROL
from restage.study.present import Present
from restage.study.record import Golden
from restage.study.settings import StudySettings


def reference(pictures: Sequence[NDArray[np.float32]]) -> Golden:
    """Return what the detector itself makes of the pictures."""
    network = load_network()
    made = []
    for picture in pictures:
        with torch.inference_mode():
            levels = network(torch.from_numpy(picture))
        made.append([level.contiguous().numpy() for level in levels])
    return made


def probe(settings: StudySettings, work: Path, name: str, right: Golden) -> Present | str:
    """Run the framework once without a mistake; return it, or why it cannot be studied."""
    framework = find_framework(name)
    try:
        version = metadata.version(framework.distribution)
    except metadata.PackageNotFoundError:
        return f'the package {framework.distribution} is not installed'
    with TrialFolder(work, f'{name}.probe') as folder:
        request = request_for(settings, work, name, CONTROL.name, settings.seed, folder)
        events, ended = launch(request, settings.deadlines, threading.Event())
        missing = events.find('not_installed')
        if missing is not None:
            return str(missing['text'])
        golden = golden_outputs(events)
    if golden is None:
        return f'it does not run: {ended.said or "no message"}'
    differences = [compare(one, other) for one, other in zip(right, golden, strict=True)]
    if not all(one.within for one in differences):
        return f'its clean outputs are not those of the detector: {differences[0]}'
    return Present(version, golden, max(one.largest or 0.0 for one in differences))
