# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What tests of several parts share."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, settings

from restage.harness.environment import CHOICES
from restage.stages.model import Stage, StagedModel, State

# One thread, as in the nodes: the same bits, and forks that do not hang in OpenMP.
torch.set_num_threads(1)
# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile('untimed', deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile('untimed')

SHARED_DATA = Path(__file__).resolve().parents[2] / 'shared' / 'data'


@pytest.fixture(autouse=True)
def as_urgent_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that make their process nicer run in this one, which has other tests to run."""
    monkeypatch.setattr(os, 'nice', lambda _: 0)


@pytest.fixture(autouse=True, scope='module')
def transports_of_before() -> Iterator[None]:
    """Observers and commands choose the transports of their process; the next file's do it anew."""
    before = {name: os.environ[name] for name in CHOICES if name in os.environ}
    yield
    for name in CHOICES:
        os.environ.pop(name, None)
    os.environ.update(before)


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


def _summary(value: float) -> dict[str, Any]:
    return {'n': 2, 'p50': value, 'p99': 1.1 * value, 'max': 1.1 * value, 'samples': [value] * 2}


def _sized_model(width: int, side: int, *, lowered: bool = False, **changes: Any) -> dict[str, Any]:
    frame_ms = width**2 * side**2 / 1e6

    def event(time_ms: float) -> dict[str, Any]:
        cell = {'n': 2, 'n_timed': 2, 'unrecovered': 0, 'p50_ms': time_ms, 'max_ms': 2 * time_ms}
        lost = {'frames_lost_mean': 0.0, 'wrong_frames': 0}
        return {**cell, **lost, 'trials': [{'total_ms': time_ms}, {'total_ms': None}]}

    return {
        'title': f'width {width}, input {side}',
        'name': f'width_{width}_input_{side}',
        'input': [side, side],
        'parameters': width**2 * 1000,
        'weights_bytes': width**2 * 4000,
        'stages': [
            {'name': 'part.0', 'out_bytes': 2048, 'ms': _summary(frame_ms)},
            {'name': 'decode', 'out_bytes': 24, 'ms': _summary(0.1)},
        ],
        'frame_ms': _summary(frame_ms),
        'checkpoint': {
            'boundaries': ['part.0'],
            'bytes': width * side**2,
            'commit_ms': _summary(frame_ms / 50),
            'restore_ms': _summary(frame_ms / 100),
            'worst_ms': frame_ms / 2,
            'worst_without_ms': frame_ms,
            'overhead_percent': 2.0,
        },
        'weights': {
            'check_ms': _summary(width**2 / 1e3),
            'reload_ms': _summary(width**2 / 5e2),
            'frames_per_round': 1,
        },
        'start': {'load_ms': _summary(100.0), 'warm_ms': _summary(50.0)},
        'pace': {'rate_hz': 2.5 if lowered else 30.0, 'lowered': lowered, 'store_mb': 32},
        'calibrated': not lowered,
        'overhead': {'percent': 5.0, 'ci95': [4.0, 6.0], 'added_us': 700.0},
        'recoveries': {
            'soft': event(5 + frame_ms),
            'kill': event(9 + frame_ms),
            'reset': event(3000.0),
        },
        **changes,
    }


@pytest.fixture
def sized_model() -> Callable[..., dict[str, Any]]:
    """What `measure_model` returns: weights as width squared, checkpoints as width and pixels."""
    return _sized_model


@pytest.fixture
def lock_memory(tmp_path: Path) -> Iterator[mmap.mmap]:
    """Memory that processes share, for a death lock."""
    path = tmp_path / 'lock'
    path.write_bytes(bytes(4096))
    with path.open('r+b') as file:
        yield mmap.mmap(file.fileno(), 4096)
