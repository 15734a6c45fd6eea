# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Small models with weights of every kind, and ways to damage them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from restage.stages.model import Stage, StagedModel, State
from restage.weights import layout as layout_module
from restage.weights.golden import GoldenWeights
from restage.weights.guard import WeightGuard

Weights = dict[str, torch.Tensor]
Claims = Sequence[tuple[str, tuple[str, ...]]]


def make_model(weights: Weights, claims: Claims) -> StagedModel:
    """A model of stages with names and weights as claimed; each hands its input on."""

    def stage(number: int, name: str, claimed: tuple[str, ...]) -> Stage:
        source = f't{number}' if number else 'image'
        target = 'detections' if number == len(claims) - 1 else f't{number + 1}'

        def run(state: Mapping[str, torch.Tensor]) -> State:
            return {target: state[source].clone()}

        return Stage(name=name, inputs=(source,), outputs=(target,), run=run, weights=claimed)

    return StagedModel(
        name='weighty',
        stages=tuple(stage(number, *claim) for number, claim in enumerate(claims)),
        class_names=(),
        input_size=(4, 4),
        weights=weights,
    )


def several_kinds() -> StagedModel:
    """Three stages, the first without weights; every way a weight can lie in memory."""
    draw = torch.Generator().manual_seed(3)
    conv = torch.randn(4, 3, 3, 3, generator=draw)
    weights = {
        'a.conv': conv.contiguous(memory_format=torch.channels_last),
        'a.bias': torch.randn(5, generator=draw),
        'a.scale': torch.tensor(0.25),
        'a.none': torch.zeros(0, 3),
        'b.half': torch.randn(7, 3, generator=draw).to(torch.bfloat16),
        'b.int8': torch.randint(-128, 128, (3, 11), dtype=torch.int8, generator=draw),
        'b.turned': torch.randn(6, 8, generator=draw).t(),
        'b.gaps': torch.randn(9, 4, generator=draw)[:, ::2],
        'b.grad': torch.nn.Parameter(torch.randn(4, generator=draw)),
    }
    claims = [
        ('pre', ()),
        ('a', ('a.conv', 'a.bias', 'a.scale', 'a.none')),
        ('b', ('b.half', 'b.int8', 'b.turned', 'b.gaps', 'b.grad')),
    ]
    return make_model(weights, claims)


def one_weight(name: str = 'w') -> StagedModel:
    values = torch.arange(16, dtype=torch.float32)
    return make_model({name: values}, [('first', ()), ('second', (name,))])


def copies(model: StagedModel) -> Weights:
    """The values of all weights as they are now."""
    return {name: tensor.detach().clone() for name, tensor in model.weights.items()}


def memory_of(tensor: torch.Tensor) -> NDArray[np.uint8]:
    """The memory of a tensor, byte by byte, whatever its type and order."""
    flat = tensor.detach().as_strided((tensor.numel(),), (1,))
    return flat.view(torch.uint8).numpy()


def flip(tensor: torch.Tensor, bit: int) -> None:
    """Flip one bit of a tensor's memory."""
    memory_of(tensor)[bit // 8] ^= np.uint8(1 << bit % 8)


def same_bits(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether both have the same bits, NaNs included, in the same memory order."""
    return (
        (one.dtype, one.shape, one.stride()) == (other.dtype, other.shape, other.stride())
    ) and bool((memory_of(one) == memory_of(other)).all())


@dataclass
class Node:
    """What one detection node has of the weights; ``loads`` counts reads of the model's file."""

    model: StagedModel
    golden: GoldenWeights
    guard: WeightGuard
    clean: Weights = field(repr=False)
    loads: list[int]

    def damage(self, name: str, bit: int = 0) -> None:
        flip(self.model.weights[name], bit)

    def intact(self) -> bool:
        return all(
            torch.equal(tensor, self.clean[name]) for name, tensor in self.model.weights.items()
        )


@pytest.fixture
def make_node() -> Callable[..., Node]:
    """Make the weights of a node that runs what ``load`` returns."""

    def make(
        load: Callable[[], StagedModel] = several_kinds,
        *,
        path: Path | None = None,
        budget_ns: int = 0,
    ) -> Node:
        model = load()
        clean = copies(model)
        loads: list[int] = []

        def reload() -> StagedModel:
            loads.append(1)
            return load()

        golden = GoldenWeights(model, path)
        return Node(model, golden, WeightGuard(model, golden, budget_ns, reload), clean, loads)

    return make


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Blocks of 64 bytes: small models have many."""
    monkeypatch.setattr(layout_module, 'BLOCK', 64)
    return 64


@pytest.fixture
def kinds() -> StagedModel:
    return several_kinds()


@dataclass(frozen=True)
class Tools:
    """The functions of this file, for the tests beside it."""

    make_model: Callable[[Weights, Claims], StagedModel] = make_model
    several_kinds: Callable[[], StagedModel] = several_kinds
    one_weight: Callable[..., StagedModel] = one_weight
    copies: Callable[[StagedModel], Weights] = copies
    flip: Callable[[torch.Tensor, int], None] = flip
    same_bits: Callable[[torch.Tensor, torch.Tensor], bool] = same_bits


@pytest.fixture(scope='session')
def tools() -> Tools:
    return Tools()
