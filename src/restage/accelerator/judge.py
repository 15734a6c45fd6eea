# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Tell errors of the GPU that end a process from those that do not.

Some are *sticky*: the CUDA context is lost with them, every later call returns the same error, and
only another process can go on. Source: CUDA Runtime API, ``cudaError_t``: those of which it says
that they leave the process in an inconsistent state. An allocation that fails is none of them.

PyTorch raises ``torch.AcceleratorError`` with ``error_code`` since 2.8, a RuntimeError with a text
before that (as builds for JetPack may); ONNX Runtime and TensorRT have a number or a text in
theirs. Where neither is known, the context is asked: if it is lost, that fails too.
"""

from __future__ import annotations

import re

import torch

from restage.accelerator.failure import ContextLostError, Failure

# Those with that note in driver_types.h of CUDA 13.0: contained, illegal address, launch timeout,
# assert, hardware stack, illegal instruction, misaligned address, invalid address space, invalid
# program counter, launch failure, tensor memory leak, MPS client terminated, external device. And
# without it: uncorrectable errors of ECC and NVLink, and a context that is destroyed.
NOTED = frozenset({226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721, 810, 911})
STICKY = NOTED | {214, 220, 709}
OUT_OF_MEMORY = 2
# As cudaGetErrorString has them.
STICKY_TEXT = re.compile(
    r'illegal memory access|unspecified launch failure|device-side assert|misaligned address'
    r'|illegal instruction|hardware stack error|invalid program counter|uncorrectable (ECC|NVLink)'
    r'|launch timed out|operation not supported on global/shared address space'
    r'|context is destroyed',
    re.IGNORECASE,
)
# Who reports an error of a GPU.
FROM_GPU = re.compile(r'\b(CUDA|cuDNN|cuBLAS|TensorRT)\b|\bCU(DNN|BLAS)_STATUS_', re.IGNORECASE)
# 'CUDA failure 700: ...' of ONNX Runtime, 'CUDA error 700 ...' of others.
NUMBER = re.compile(r'\bCUDA (?:failure|error) (\d+)\b', re.IGNORECASE)
MEMORY_TEXT = re.compile(r'CUDA[^\n]*out of memory|CU(DNN|BLAS)_STATUS_ALLOC_FAILED', re.IGNORECASE)


def failure_of(error: BaseException) -> Failure:
    """Return what ``error``, or the first one behind it that is of a GPU, means."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ContextLostError):
            return Failure.CONTEXT_LOST
        if isinstance(cause, torch.cuda.OutOfMemoryError):
            return Failure.GPU_MEMORY
        if isinstance(cause, Exception) and FROM_GPU.search(str(cause)):
            return _judged(cause)
        cause = cause.__cause__
    return Failure.ORDINARY


def give_memory_back() -> None:
    """Return what PyTorch keeps for later allocations to the GPU."""
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.empty_cache()


def _judged(error: Exception) -> Failure:
    text = str(error)
    number = NUMBER.search(text)
    code = getattr(error, 'error_code', int(number[1]) if number is not None else None)
    if code in STICKY or STICKY_TEXT.search(text):
        return Failure.CONTEXT_LOST
    if code == OUT_OF_MEMORY or MEMORY_TEXT.search(text):
        return Failure.GPU_MEMORY
    return Failure.CONTEXT_LOST if _every_call_fails() else Failure.ORDINARY


def _every_call_fails() -> bool:
    if not torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        return False
    try:
        torch.cuda.synchronize()
    except RuntimeError:
        return True
    return False
