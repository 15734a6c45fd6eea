# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
import torch

from restage.detect.finite import FiniteDetector
from restage.stages.model import Stage

NECK = Stage(name='neck', inputs=('x',), outputs=('p',), run=dict)


def check(**outputs: torch.Tensor) -> str | None:
    found = FiniteDetector().check(NECK, {}, outputs)
    assert found is None or found.certain
    return None if found is None else found.message


def with_values(*values: float, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    tensor = torch.ones(2, 3, 4, dtype=dtype)
    tensor.view(-1)[: len(values)] = torch.tensor(values, dtype=dtype)
    return tensor


@pytest.mark.parametrize(
    ('values', 'counts'),
    [
        ((math.nan,), '1 NaN and 0 infinite'),
        ((math.inf,), '0 NaN and 1 infinite'),
        ((-math.inf,), '0 NaN and 1 infinite'),
        ((math.inf, -math.inf), '0 NaN and 2 infinite'),
        ((math.nan, math.inf, math.nan), '2 NaN and 1 infinite'),
    ],
)
@pytest.mark.parametrize('dtype', [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_every_nan_and_infinity_is_seen_and_counted(
    values: tuple[float, ...], counts: str, dtype: torch.dtype
) -> None:
    assert check(p=with_values(*values, dtype=dtype)) == (
        f"output 'p' of stage 'neck' is not finite: {counts} of 24 elements"
    )


def test_the_tensor_named_is_the_one_that_is_wrong() -> None:
    message = check(good=torch.zeros(5), bad=with_values(math.nan), later=torch.zeros(1))
    assert message is not None
    assert message.startswith("output 'bad' of stage 'neck'")


@pytest.mark.parametrize('position', [0, 1, 76543, 99999])
def test_one_nan_among_many_is_seen_wherever_it_is(position: int) -> None:
    tensor = torch.zeros(100_000)
    tensor[position] = math.nan
    assert check(p=tensor) is not None


def test_finite_outputs_pass() -> None:
    assert check(p=torch.randn(4, 5), q=torch.full((100,), -1e30)) is None


def test_integer_and_boolean_outputs_are_not_looked_at() -> None:
    largest = torch.full((1000,), torch.iinfo(torch.int64).max)
    assert check(p=largest, q=torch.ones(9, dtype=torch.bool), r=torch.zeros(4).byte()) is None


def test_no_detections_at_all_are_fine() -> None:
    assert check(detections=torch.zeros(0, 6)) is None


def test_finite_values_whose_sum_overflows_are_reported() -> None:
    assert check(p=torch.full((4,), 3e38)) is not None


def test_a_sound_half_precision_output_is_not_taken_for_an_overflow() -> None:
    assert check(p=torch.ones(100_000, dtype=torch.float16)) is None


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
@pytest.mark.parametrize('value', [math.nan, math.inf, -math.inf])
def test_one_wrong_value_in_a_large_half_precision_output_is_still_seen(
    dtype: torch.dtype, value: float
) -> None:
    tensor = torch.full((100_000,), torch.finfo(torch.float16).max, dtype=dtype)
    assert check(p=tensor) is None
    tensor[54_321] = value
    assert check(p=tensor) is not None


def test_only_the_stages_asked_for_are_looked_at() -> None:
    spoilt = {'p': with_values(math.nan)}
    assert FiniteDetector({'head', 'decode'}).check(NECK, {}, spoilt) is None
    assert FiniteDetector({'head', 'neck'}).check(NECK, {}, spoilt) is not None
    assert FiniteDetector(()).check(NECK, {}, spoilt) is None
