# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
import torch

from restage.sampling.errors import SamplingError
from restage.sampling.fault_model import FaultModel
from restage.sampling.storage import FORMATS, Storage


@pytest.mark.parametrize('name', FORMATS)
def test_what_is_kept_comes_back_and_a_second_time_the_same(name: str) -> None:
    storage = Storage(name)
    values = torch.tensor([0.0, 1.0, -1.5, 0.1, 3.25, -0.007])
    scale = storage.scale_of(values)
    once = storage.decode(storage.encode(values.numpy(), scale), scale)
    assert np.array_equal(once, storage.rounded(values, scale).numpy())
    assert np.array_equal(once, storage.decode(storage.encode(once, scale), scale))
    assert np.abs(once - values.numpy()).max() <= (0.0 if name == 'fp32' else 0.5 * 3.25 / 127)


@pytest.mark.parametrize(
    ('name', 'value', 'bit', 'after'),
    [
        ('fp32', 1.5, 31, -1.5),
        ('fp32', 0.5, 30, 2.0**127),
        ('fp32', 1.0, 30, np.inf),
        ('fp16', 0.5, 14, 2.0**15),
        ('bf16', 0.5, 14, 2.0**127),
        ('int8', 1.0, 6, 1.0 - 64 / 127),  # 127 is the largest: 1.0
        ('int8', 1.0, 7, -1 / 127),
    ],
)
def test_a_flip_is_the_flip_of_that_bit_of_that_format(
    name: str, value: float, bit: int, after: float
) -> None:
    storage = Storage(name)
    tensor = torch.tensor([value])
    scale = storage.scale_of(tensor)
    raw = FaultModel().apply(storage.encode(tensor.numpy(), scale), bit)
    assert storage.decode(raw, scale)[0] == pytest.approx(after, rel=1e-6)


def test_stuck_and_several_bits() -> None:
    raw = np.array([0b1010], np.uint32)
    assert FaultModel(bits=2).apply(raw, 1)[0] == 0b1100
    assert FaultModel(kind='stuck_at_0', bits=2).apply(raw, 2)[0] == 0b0010
    assert FaultModel(kind='stuck_at_1').apply(raw, 1)[0] == 0b1010
    assert FaultModel(bits=3).positions(32) == 30


def test_what_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(SamplingError, match="number format 'fp8'; accepted: fp32"):
        Storage('fp8')
    with pytest.raises(SamplingError, match="fault 'melt'; accepted: flip"):
        FaultModel(kind='melt')
    with pytest.raises(SamplingError, match='bits of a fault: 9'):
        FaultModel(bits=9)
