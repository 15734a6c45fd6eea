# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What tests of several parts share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch

from restage.stages.model import Stage, StagedModel, State

# One thread, as in the nodes: the same bits, and forks that do not hang in OpenMP.
torch.set_num_threads(1)

SHARED_DATA = Path(__file__).resolve().parents[2] / 'shared' / 'data'


def _stage(
    name: str,
    inputs: tuple[str, ...],
    output: str,
    compute: Callable[..., torch.Tensor],
    weights: tuple[str, ...] = (),
) -> Stage:
    def run(state: Mapping[str, torch.Tensor]) -> State:
        return {output: compute(*(state[key] for key in inputs))}

    return Stage(name=name, inputs=inputs, outputs=(output,), run=run, weights=weights)


def _tiny_model() -> StagedModel:
    weight = torch.randn(4, 3, 3, 3, generator=torch.Generator().manual_seed(1))

    def to_float(image: torch.Tensor) -> torch.Tensor:
        x = image.permute(2, 0, 1)[None].float() / 255
        return x.contiguous(memory_format=torch.channels_last)

    def convolve(x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv2d(x, weight, padding=1)

    def fuse(x: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, c], 1)

    def decode(p: torch.Tensor) -> torch.Tensor:
        return p.flatten()[:12].reshape(2, 6).clone()

    return StagedModel(
        name='tiny',
        stages=(
            _stage('preprocess', ('image',), 'x', to_float),
            _stage('backbone.0', ('x',), 'c', convolve, ('backbone.0.weight',)),
            _stage('neck', ('x', 'c'), 'p', fuse),
            _stage('decode', ('p',), 'detections', decode),
        ),
        class_names=('thing',),
        input_size=(16, 12),
        weights={'backbone.0.weight': weight},
    )


@pytest.fixture
def tiny_model() -> StagedModel:
    """Four stages with a skip connection: ``neck`` reads what ``backbone.0`` made."""
    return _tiny_model()


@pytest.fixture
def load_tiny_model() -> Callable[[], StagedModel]:
    """Load ``tiny_model`` anew, as from its file."""
    return _tiny_model


@pytest.fixture
def shared_data() -> Path:
    """The folder of real footage beside the project; skips where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f'no real footage on this machine: {SHARED_DATA} is absent')
    return SHARED_DATA
