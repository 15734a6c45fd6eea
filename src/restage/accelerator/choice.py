# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The device that the user has asked for."""

from __future__ import annotations

import re

import torch

CPU = torch.device('cpu')


class DeviceError(ValueError):
    """There is no such device here; the message says which there are."""


def device_named(name: str) -> torch.device:
    """
    Return the device called ``name``: ``cpu``, ``cuda`` (the first GPU) or ``cuda:N``.

    :raises DeviceError: for another name, or a GPU that PyTorch cannot use; says which it can.
    """
    if name == 'cpu':
        return CPU
    if not re.fullmatch(r'cuda(:\d{1,3})?', name):
        raise DeviceError(f"device '{name}'; accepted: {', '.join(_usable())}")
    device = torch.device(name if ':' in name else 'cuda:0')
    if not torch.cuda.is_available():
        raise DeviceError(f"device '{name}': {_why_no_gpu()}; accepted: cpu")
    if device.index >= torch.cuda.device_count():
        raise DeviceError(f"device '{name}' does not exist; accepted: {', '.join(_usable())}")
    # A retry must make the bits of the first run; the fastest kernels add in any order.
    torch.backends.cudnn.deterministic = True
    return device


def _usable() -> list[str]:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    found = [f'cuda:{n} ({torch.cuda.get_device_name(n)})' for n in range(count)]
    return ['cpu', *(['cuda'] if found else []), *found]


def _why_no_gpu() -> str:
    if torch.version.cuda is None:
        return f'PyTorch {torch.__version__} is built without CUDA'
    return f'PyTorch {torch.__version__} (CUDA {torch.version.cuda}) finds no GPU that it can use'
