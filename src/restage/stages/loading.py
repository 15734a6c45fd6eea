# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From the ``model`` parameter to a staged model, ready and warm."""

from __future__ import annotations

from pathlib import Path

import torch

from restage.stages.model import StagedModel, State
from restage.stages.runner import StageRunner

WARM_UP_FRAMES = 3


def load_model(spec: str) -> StagedModel:
    """
    Return the model that ``spec`` names: ``bundled`` or a .safetensors file for that network.

    :raises ValueError: when the file is missing or of another kind; says what is accepted.
    """
    from restage.detector import load_bundled

    if spec == 'bundled':
        return load_bundled()
    return load_bundled(Path(spec))


def calibration_of(spec: str) -> Path:
    """Return where the calibration of the model that ``spec`` names is: beside its weights."""
    from restage.detector.weights import BUNDLED

    weights = BUNDLED if spec == 'bundled' else Path(spec)
    return weights.with_suffix('.calibration.json')


def warm_up(runner: StageRunner) -> State:
    """
    Run the model on blank frames until its kernels are chosen and its memory is allocated.

    Returns every tensor of the last run by name, from which checkpoint slots are sized.
    """
    blank = blank_state(runner.model)['image']
    state: State = {}
    for _ in range(WARM_UP_FRAMES):
        state = runner.run_all(blank)
    return state


def blank_state(model: StagedModel) -> State:
    """Return the state that inference on a grey image of the model's input size starts from."""
    width, height = model.input_size
    return {'image': torch.full((height, width, 3), 114, dtype=torch.uint8)}
