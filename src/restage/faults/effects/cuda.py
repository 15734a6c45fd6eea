# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``gpu.*``: a kernel that writes where it must not, and a GPU without free memory."""

from __future__ import annotations

import time

import torch

from restage.faults.effects.shot import NotThisTimeError, Shot
from restage.faults.enums import Persistence
from restage.faults.errors import FaultError

# No allocation of CUDA lies there: the first pages of the address space are never mapped.
BAD_ADDRESS = 0x1000
KERNEL = """
extern "C" __global__ void write_to(unsigned long long address) {
    *reinterpret_cast<volatile int *>(address) = 1;
}
"""
SMALLEST_BLOCK = 2**20


def write_to_bad_address(shot: Shot) -> None:
    """
    Have a kernel write to an address that is not mapped; the context is lost.

    :raises FaultError: when there is no CUDA device.
    """
    _need_gpu()
    kernel = torch.cuda._compile_kernel(KERNEL, 'write_to')
    now = time.monotonic_ns()
    shot.report(f'kernel writes to {BAD_ADDRESS:#x}', now)
    kernel(grid=(1, 1, 1), block=(1, 1, 1), args=[BAD_ADDRESS])
    # Raises: from here on every call does.
    torch.cuda.synchronize()


def take_all_gpu_memory(shot: Shot) -> None:
    """
    Allocate all free memory of the GPU until the frame ends, or for good if permanent.

    :raises FaultError: when there is no CUDA device.
    :raises NotThisTimeError: when this fault has it already.
    """
    _need_gpu()
    if 'blocks' in shot.memory:
        raise NotThisTimeError
    blocks: list[torch.Tensor] = []
    shot.memory['blocks'] = blocks
    now = time.monotonic_ns()
    size = torch.cuda.mem_get_info()[0]
    while size >= SMALLEST_BLOCK:
        try:
            blocks.append(torch.empty(size, dtype=torch.uint8, device='cuda'))
        except torch.OutOfMemoryError:
            size //= 2
    taken = sum(block.numel() for block in blocks)
    shot.report(f'{taken / 2**20:.0f} MiB of the GPU', now)

    def undo() -> None:
        del shot.memory['blocks']
        blocks.clear()
        torch.cuda.empty_cache()

    if shot.fault.persistence is not Persistence.PERMANENT:
        shot.undo.append(undo)


def _need_gpu() -> None:
    if not torch.cuda.is_available():
        raise FaultError('there is no CUDA device on this machine; accepted: kinds without gpu.')
