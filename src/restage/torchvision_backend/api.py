# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""torchvision, where it is installed and fits PyTorch."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from restage.detector.errors import ModelError, first_line


def load_torchvision() -> Any:
    """
    Return the module.

    :raises ModelError: when it is missing, or is of another build than PyTorch.
    """
    try:
        return importlib.import_module('torchvision')
    except (ImportError, OSError, RuntimeError) as error:
        # Of one that is compiled for another PyTorch, its operators are missing (RuntimeError).
        raise ModelError(
            f'torchvision cannot be imported ({first_line(error)}); accepted: the one that '
            f'belongs to PyTorch {torch.__version__}, from the same index'
        ) from None


def build(torchvision: Any, name: str, classes: int, weights: Path) -> nn.Module:
    """
    Return the detector called ``name`` for so many classes, the background among them.

    :param weights: its state as safetensors; nothing is downloaded.
    :raises ModelError: for an unknown name, or weights that do not fit.
    """
    models = torchvision.models
    known = models.list_models(module=models.detection)
    if name not in known:
        raise ModelError(f"torchvision.model: '{name}'; accepted: {', '.join(known)}")
    made: nn.Module = models.get_model(
        name, weights=None, weights_backbone=None, num_classes=classes
    )
    if not weights.is_file():
        raise ModelError(f"'{weights}' does not exist; accepted: weights of {name} as safetensors")
    try:
        made.load_state_dict(load_file(weights))
    except (SafetensorError, OSError, RuntimeError) as error:
        raise ModelError(
            f"'{weights}' does not fit {name} with {classes} classes: {error}"
        ) from None
    return made.eval().requires_grad_(False)
