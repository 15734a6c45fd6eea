# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``mem.use_after_free``, ``double_free``, ``oob_write``: what heap corruption does is real."""

from __future__ import annotations

import ctypes
import time

import torch

from restage.faults.effects.end import LIBC, forbid_core_dump
from restage.faults.effects.outputs import candidates
from restage.faults.effects.shot import Shot

LIBC.free.argtypes = [ctypes.c_void_p]
LIBC.free.restype = None
PATTERN = 0xA5


def free_too_early(shot: Shot) -> None:
    """Free the memory of an output; whoever allocates next shares it with the inference."""
    tensor, start, what = _victim(shot)
    now = time.monotonic_ns()
    shot.report(f'{what} freed while in use', now)
    LIBC.free(start)
    del tensor


def free_twice(shot: Shot) -> None:
    """Free the memory of an output twice; its owner will be the third."""
    tensor, start, what = _victim(shot)
    now = time.monotonic_ns()
    shot.report(f'{what} freed twice', now)
    LIBC.free(start)
    LIBC.free(start)
    del tensor


def write_beyond_end(shot: Shot) -> None:
    """Write ``bytes`` bytes right behind the memory of an output."""
    tensor, start, what = _victim(shot)
    size = tensor.untyped_storage().nbytes()
    count = shot.integer('bytes')
    now = time.monotonic_ns()
    shot.report(f'{count} bytes of {PATTERN:#x} written behind {what}', now)
    ctypes.memset(start + size, PATTERN, count)


def _victim(shot: Shot) -> tuple[torch.Tensor, int, str]:
    """Return an output in host memory, where its memory starts, and both in words."""
    outputs = shot.outputs
    wanted = shot.text('tensor')
    if wanted:
        outputs = {wanted: outputs[wanted]}
    tensors = candidates(
        {name: tensor for name, tensor in outputs.items() if tensor.device.type == 'cpu'},
        lambda _: True,
        'elements in host memory',
    )
    name, tensor = shot.rng.choice(tensors)
    storage = tensor.untyped_storage()
    forbid_core_dump()
    return tensor, storage.data_ptr(), f'{name} ({storage.nbytes()} bytes)'
