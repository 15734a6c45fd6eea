# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Bit flips: exactly one bit of exactly one element, in any memory format."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from restage.faults.bits import element_of, flip_bit, has_bits, raw_of, width
from restage.faults.errors import FaultError

DTYPES = [
    torch.float32,
    torch.float16,
    torch.bfloat16,
    torch.int8,
    torch.uint8,
    torch.int32,
]


def raw(tensor: torch.Tensor) -> bytes:
    """The bytes of a tensor in the order of its elements."""
    return (
        torch.empty(tensor.numel(), dtype=tensor.dtype)
        .copy_(tensor.flatten())
        .view(torch.uint8)
        .numpy()
        .tobytes()
    )


@st.composite
def flips(draw):
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(st.tuples(st.integers(1, 2), *[st.integers(1, 4)] * 3))
    count = torch.Size(shape).numel()
    size = count * torch.empty(0, dtype=dtype).element_size()
    data = bytearray(draw(st.binary(min_size=size, max_size=size)))
    tensor = torch.frombuffer(data, dtype=dtype).reshape(shape).clone()
    form = draw(st.sampled_from(['contiguous', 'channels_last', 'strided']))
    if form == 'channels_last':
        tensor = tensor.to(memory_format=torch.channels_last)
    elif form == 'strided':
        tensor = torch.cat([tensor, tensor], 3)[..., ::2]
    index = draw(st.integers(0, tensor.numel() - 1))
    return tensor, index, draw(st.integers(0, width(dtype) - 1))


@settings(deadline=None, max_examples=200)
@given(flips())
def test_one_flip_changes_exactly_that_bit_and_a_second_restores_it(case):
    tensor, index, bit = case
    before = raw(tensor)
    was = raw_of(tensor, index) >> bit & 1
    flip_bit(tensor, index, bit)
    assert raw_of(tensor, index) >> bit & 1 != was
    changed = [a ^ b for a, b in zip(before, raw(tensor), strict=True)]
    assert sum(byte.bit_count() for byte in changed) == 1
    size = tensor.element_size()
    assert changed[index * size + bit // 8] == 1 << bit % 8
    flip_bit(tensor, index, bit)
    assert raw(tensor) == before


def test_old_and_new_value_of_a_float():
    tensor = torch.ones(3)
    flip = flip_bit(tensor, 1, 31)
    assert (flip.old, flip.new) == (1.0, -1.0)
    assert flip_bit(tensor, 0, 30).new == float('inf')
    assert tensor.tolist() == [float('inf'), -1.0, 1.0]


def test_tensor_made_in_inference_mode_is_flipped_outside_it():
    with torch.inference_mode():
        tensor = torch.zeros(2, dtype=torch.uint8)
    assert flip_bit(tensor, 1, 7).new == 128


def test_scalar():
    tensor = torch.tensor(2, dtype=torch.int32)
    flip_bit(tensor, 0, 0)
    assert tensor.item() == 3


@pytest.mark.parametrize(
    ('index', 'bit', 'message'),
    [
        (6, 0, r'element 6 of a tensor of shape \(2, 3\); accepted: 0\.\.5'),
        (-1, 0, 'element -1'),
        (0, 16, r'bit 16 of torch.float16; accepted: 0\.\.15'),
        (0, -1, 'bit -1'),
    ],
)
def test_no_such_element_or_bit(index, bit, message):
    tensor = torch.zeros(2, 3, dtype=torch.float16)
    with pytest.raises(FaultError, match=message):
        flip_bit(tensor, index, bit)
    assert not tensor.any()


def test_a_type_without_bits():
    assert not has_bits(torch.bool)
    with pytest.raises(FaultError, match=r'no bits can be set in torch\.bool; accepted: float16'):
        flip_bit(torch.zeros(1, dtype=torch.bool), 0, 0)


def test_element_of_follows_the_logical_order():
    tensor = torch.arange(24).reshape(1, 2, 3, 4).to(memory_format=torch.channels_last)
    assert [element_of(tensor, i).item() for i in range(24)] == list(range(24))
