# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Computing on a device, with tensors from wherever they are.

What a stage makes stays on the device: the next one finds it there, and error detectors look at
it there. Only what is checkpointed is copied, see ``restage.checkpoint.staging``. A call returns
when its kernels are done: an error of the GPU belongs to the stage that made it, and so does the
time. On the CPU both functions return the call as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

Made = TypeVar('Made')


def on(device: torch.device, call: Callable[..., Made]) -> Callable[..., Made]:
    """Return ``call``, of tensors, so that it computes on ``device`` and is done at its end."""
    if device.type == 'cpu':
        return call

    def there(*tensors: torch.Tensor) -> Made:
        with torch.cuda.device(device):
            made = call(*(tensor.to(device, non_blocking=True) for tensor in tensors))
            torch.cuda.current_stream(device).synchronize()
        return made

    return there


def on_host(device: torch.device, call: Callable[..., Made]) -> Callable[..., Made]:
    """Return ``call``, which is one for the CPU, so that it takes tensors of ``device`` too."""
    if device.type == 'cpu':
        return call

    def here(*tensors: torch.Tensor) -> Made:
        return call(*(tensor.cpu() for tensor in tensors))

    return here
