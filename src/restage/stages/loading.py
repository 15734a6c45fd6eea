# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From the ``model`` parameter to a staged model, ready and warm."""

from __future__ import annotations

from pathlib import Path

import torch

from restage.shipped import file_of
from restage.stages.model import StagedModel, State
from restage.stages.runner import StageRunner

WARM_UP_FRAMES = 3
BUNDLED = 'bundled'
# What a description tells more about, and the description itself.
DESCRIBED = ('.onnx', '.pt2', '.yaml', '.yml')


def load_model(spec: str, device: str = 'cpu') -> StagedModel:
    """
    Return the model that ``spec`` names, in stages that compute on ``device``.

    ``bundled``, ``bundled-hardened``, weights for their network (.safetensors), an ONNX file, an
    exported PyTorch program (.pt2), or a description of one of these (.yaml). ``device``: ``cpu``,
    ``cuda`` or ``cuda:N``.

    :raises ValueError: when the file is missing or of another kind, or there is no such device;
        says what is accepted.
    """
    from restage.accelerator.choice import device_named
    from restage.detector import load_bundled

    place = device_named(device)
    path = file_of(spec)
    if path.suffix in DESCRIBED:
        from restage.models.assemble import load_described
        from restage.models.description import description_for

        return load_described(description_for(path), place)
    return load_bundled(path, place)


def calibration_of(spec: str) -> Path:
    """Return where the calibration of the model that ``spec`` names is: beside its file."""
    return file_of(spec).with_suffix('.calibration.json')


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
