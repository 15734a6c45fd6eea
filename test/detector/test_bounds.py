# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from restage.detector.bounds import MARGIN, Bound, Limits, fit_bounds, has_bounds, with_bounds
from restage.detector.network import RoadNet
from restage.detector.weights import load_network, save_weights


def picture(seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    made = torch.rand(1, 3, 64, 96, generator=generator)
    return made.contiguous(memory_format=torch.channels_last)


@pytest.fixture
def bounded() -> RoadNet:
    network = with_bounds(load_network())
    fit_bounds(network, [picture(1), picture(2)])
    return network


def test_without_a_fault_no_bit_differs(bounded: RoadNet) -> None:
    network = load_network()
    assert has_bounds(bounded)
    assert not has_bounds(network)
    with torch.inference_mode():
        for one, other in zip(network(picture(2)), bounded(picture(2)), strict=True):
            assert torch.equal(one, other)


@pytest.mark.parametrize('mode', [torch.inference_mode, torch.no_grad])
def test_above_the_bound_and_no_number_become_0(mode: type[torch.inference_mode]) -> None:
    bound = Bound()
    with torch.no_grad():
        bound.reset()
        bound.fit(torch.tensor([0.5, 2.0]))
    high = 2.0 * MARGIN
    assert float(bound.high) == high
    values = torch.tensor([0.0, high, 1.0, 2.6, torch.inf, torch.nan])
    with mode():
        assert bound(values[:3]).tolist() == [0.0, high, 1.0]
        assert bound(values).tolist() == [0.0, high, 1.0, 0.0, 0.0, 0.0]


def test_outside_its_limits_a_logit_says_no_object() -> None:
    limits = Limits(2)
    found = torch.tensor([-8.0, 1.0, 2.0, 4.0]).reshape(1, 2, 1, 2)
    with torch.no_grad():
        limits.reset()
        limits.fit(found)
        assert limits(found).equal(found)
        wrong = torch.tensor([1e30, torch.nan, -1.0, torch.inf]).reshape(1, 2, 1, 2)
        assert limits(wrong).flatten().tolist() == [-8.0 * MARGIN, -8.0 * MARGIN, 0.0, 0.0]


def test_what_is_made_with_an_enormous_weight_goes_no_further(bounded: RoadNet) -> None:
    weight = dict(bounded.named_parameters())['backbone.1.1.conv.weight']
    with torch.inference_mode():
        clean = bounded(picture(1))
        weight[3, 2, 1, 1] = 1e38
        faulty = bounded(picture(1))
    for one, other in zip(clean, faulty, strict=True):
        assert bool(torch.isfinite(other).all())
        assert float((one - other).abs().max()) < 100.0


def test_bounds_are_weights_that_files_keep(bounded: RoadNet, tmp_path: Path) -> None:
    path = tmp_path / 'bounded.safetensors'
    save_weights(bounded, path)
    again = load_network(path)
    assert has_bounds(again)
    wanted = dict(bounded.named_parameters())
    assert sum('.bound.' in name for name in wanted) == 15 + 2
    assert all(torch.equal(one, wanted[name]) for name, one in again.named_parameters())


def test_bounds_that_are_fitted_again_forget_what_they_were(bounded: RoadNet) -> None:
    before = float(bounded.neck.low.bound.high)
    fit_bounds(bounded, [torch.zeros_like(picture(1))])
    assert 0.0 <= float(bounded.neck.low.bound.high) < before
