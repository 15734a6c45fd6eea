# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Exact bit flips in the elements of live tensors."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from restage.faults.errors import FaultError

# The integer type that shows the bits of each element type, and its width.
_INTEGER_VIEWS: dict[torch.dtype, tuple[torch.dtype, int]] = {
    torch.float16: (torch.int16, 16),
    torch.bfloat16: (torch.int16, 16),
    torch.float32: (torch.int32, 32),
    torch.float64: (torch.int64, 64),
    torch.int8: (torch.int8, 8),
    torch.uint8: (torch.uint8, 8),
    torch.int16: (torch.int16, 16),
    torch.int32: (torch.int32, 32),
    torch.int64: (torch.int64, 64),
}


@dataclass(frozen=True)
class Flip:
    """The value of an element before and after one of its bits was flipped."""

    old: float
    new: float


def has_bits(dtype: torch.dtype) -> bool:
    """Return whether :func:`flip_bit` can flip the bits of elements of ``dtype``."""
    return dtype in _INTEGER_VIEWS


def width(dtype: torch.dtype) -> int:
    """
    Return the number of bits of one element of ``dtype``.

    :raises FaultError: when its bits cannot be flipped.
    """
    try:
        return _INTEGER_VIEWS[dtype][1]
    except KeyError:
        accepted = ', '.join(str(known).removeprefix('torch.') for known in _INTEGER_VIEWS)
        raise FaultError(f'no bit flips in {dtype}; accepted: {accepted}') from None


def element_of(tensor: torch.Tensor, index: int) -> torch.Tensor:
    """
    Return a 0-dimensional view of one element.

    :param index: Flat row-major index over ``tensor.shape``, whatever the memory format.
    :raises FaultError: when ``tensor`` has no such element.
    """
    if not 0 <= index < tensor.numel():
        raise FaultError(
            f'element {index} of a tensor of shape {tuple(tensor.shape)}; '
            f'accepted: 0..{tensor.numel() - 1}'
        )
    view = tensor
    for size in reversed(tensor.shape):
        index, position = divmod(index, size)
        view = view.select(view.dim() - 1, position)
    return view


def bit_of(tensor: torch.Tensor, index: int, bit: int) -> bool:
    """
    Return whether one bit of one element of ``tensor`` is set.

    :param index: Flat row-major index over ``tensor.shape``, whatever the memory format.
    :param bit: 0 is the lowest.
    :raises FaultError: when there is no such element or bit.
    """
    integer, _ = _masked(tensor.dtype, bit)
    with torch.inference_mode():
        return bool(int(element_of(tensor, index).view(integer).item()) >> bit & 1)


def flip_bit(tensor: torch.Tensor, index: int, bit: int) -> Flip:
    """
    Flip one bit of one element of ``tensor`` in place; nothing else changes.

    :param index: Flat row-major index over ``tensor.shape``, whatever the memory format.
    :param bit: 0 is the lowest.
    :raises FaultError: when there is no such element or bit.
    """
    integer, mask = _masked(tensor.dtype, bit)
    with torch.inference_mode():
        element = element_of(tensor, index)
        old = element.item()
        element.view(integer).bitwise_xor_(mask)
        return Flip(old=old, new=element.item())


def _masked(dtype: torch.dtype, bit: int) -> tuple[torch.dtype, int]:
    """Return the integer type that shows the bits of ``dtype``, and ``bit`` alone in it."""
    bits = width(dtype)
    if not 0 <= bit < bits:
        raise FaultError(f'bit {bit} of {dtype}; accepted: 0..{bits - 1}')
    integer, _ = _INTEGER_VIEWS[dtype]
    mask = 1 << bit
    if bit == bits - 1 and integer.is_signed:
        mask -= 1 << bits
    return integer, mask
