# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The exact bits of the elements of live tensors."""

from __future__ import annotations

import math
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
class Change:
    """The value of an element before and after its bits were changed."""

    old: float
    new: float


def has_bits(dtype: torch.dtype) -> bool:
    """Return whether :func:`write_raw` can set the bits of elements of ``dtype``."""
    return dtype in _INTEGER_VIEWS


def width(dtype: torch.dtype) -> int:
    """
    Return the number of bits of one element of ``dtype``.

    :raises FaultError: when its bits cannot be set.
    """
    try:
        return _INTEGER_VIEWS[dtype][1]
    except KeyError:
        accepted = ', '.join(str(known).removeprefix('torch.') for known in _INTEGER_VIEWS)
        raise FaultError(f'no bits can be set in {dtype}; accepted: {accepted}') from None


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


def raw_of(tensor: torch.Tensor, index: int) -> int:
    """
    Return the bits of one element of ``tensor`` as an unsigned integer.

    :param index: Flat row-major index over ``tensor.shape``, whatever the memory format.
    :raises FaultError: when there is no such element, or its bits cannot be had.
    """
    integer, bits = _INTEGER_VIEWS[_known(tensor.dtype)]
    with torch.inference_mode():
        return int(element_of(tensor.detach(), index).view(integer).item()) % (1 << bits)


def write_raw(tensor: torch.Tensor, index: int, raw: int) -> Change:
    """
    Set the bits of one element of ``tensor``, in place; nothing else changes.

    :param index: Flat row-major index over ``tensor.shape``, whatever the memory format.
    :param raw: The bits, an unsigned integer of the element's width.
    :raises FaultError: when there is no such element, or its bits cannot be had.
    """
    integer, bits = _INTEGER_VIEWS[_known(tensor.dtype)]
    if integer.is_signed and raw >= 1 << (bits - 1):
        raw -= 1 << bits
    with torch.inference_mode():
        element = element_of(tensor.detach(), index)
        old = element.item()
        element.view(integer).fill_(raw)
        return Change(old=old, new=element.item())


def encode(dtype: torch.dtype, value: float) -> int:
    """
    Return the bits of ``value`` in ``dtype``: rounded to nearest; integers saturate.

    :raises FaultError: when the bits of ``dtype`` cannot be had, or it is an integer type and
        ``value`` is none of its numbers (NaN).
    """
    _known(dtype)
    if not dtype.is_floating_point:
        if math.isnan(value):
            raise FaultError(f'NaN in {dtype}; accepted: a number')
        limits = torch.iinfo(dtype)
        value = round(min(max(value, limits.min), limits.max))
    wide = torch.float64 if dtype.is_floating_point else torch.int64
    return raw_of(torch.tensor([value], dtype=wide).to(dtype), 0)


def mask(dtype: torch.dtype, bit: int) -> int:
    """
    Return the bits of an element of ``dtype`` of which ``bit`` alone is set; 0 is the lowest.

    :raises FaultError: when there is no such bit.
    """
    bits = width(dtype)
    if not 0 <= bit < bits:
        raise FaultError(f'bit {bit} of {dtype}; accepted: 0..{bits - 1}')
    return 1 << bit


def flip_bit(tensor: torch.Tensor, index: int, bit: int) -> Change:
    """
    Flip one bit of one element of ``tensor`` in place; nothing else changes.

    :param index: Flat row-major index over ``tensor.shape``, whatever the memory format.
    :param bit: 0 is the lowest.
    :raises FaultError: when there is no such element or bit.
    """
    return write_raw(tensor, index, raw_of(tensor, index) ^ mask(tensor.dtype, bit))


def _known(dtype: torch.dtype) -> torch.dtype:
    width(dtype)
    return dtype
