# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch

from restage.stages.model import StagedModel
from restage.stages.runner import StageError
from restage.weights.errors import WeightsError
from restage.weights.live import LiveModel


class Running:
    """Where the engine's model is; ``loads`` are answers of the model's file, last one for good."""

    def __init__(self, node, *loads: StagedModel | Exception) -> None:
        self.model = node.model
        self.fails = ''
        self._loads = list(loads)
        self.live = LiveModel(node.guard, node.model.digest(), self._load, self._use)

    def _load(self) -> StagedModel:
        answer = self._loads.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _use(self, model: StagedModel) -> None:
        self.model = model
        if self.fails:
            raise StageError(1, 'a', 'exception', self.fails, 1)


@pytest.fixture
def node(make_node):
    return make_node()


def test_damaged_weights_are_found_and_brought_back_in_place(node) -> None:
    running = Running(node)
    node.damage('a.conv')
    assert running.live.check_all().names == ('a.conv',)
    assert running.live.reload() == ('a.conv',)
    assert running.live.check_all() is None
    assert node.intact()
    assert running.model is node.model


def test_a_model_loaded_anew_runs_and_is_watched(node, tools) -> None:
    running = Running(node, tools.several_kinds())
    node.damage('a.conv')
    running.live.reload_model()
    assert running.model is not node.model
    assert running.live.check_all() is None
    for name, tensor in running.model.weights.items():
        assert torch.equal(tensor, node.clean[name])
    tools.flip(running.model.weights['a.bias'], 0)
    assert running.live.check_all().names == ('a.bias',)


@pytest.mark.parametrize('error', [ValueError('no safetensors'), OSError('no such file')])
def test_a_model_that_cannot_be_loaded_leaves_the_one_that_runs(node, error: Exception) -> None:
    running = Running(node, error)
    with pytest.raises(WeightsError, match=f'the model cannot be loaded: {error}'):
        running.live.reload_model()
    assert running.model is node.model
    node.damage('a.bias')
    assert running.live.check_all() is not None


def test_another_model_under_the_same_name_is_refused(node, tools) -> None:
    other = tools.several_kinds()
    other.weights['a.bias'][0] += 1
    running = Running(node, other)
    with pytest.raises(WeightsError, match='has changed since the node was configured'):
        running.live.reload_model()
    assert running.model is node.model
    assert node.intact()


def test_a_model_loaded_anew_that_does_not_run_is_no_clean_model(node, tools) -> None:
    running = Running(node, tools.several_kinds())
    running.fails = 'CUDA error'
    with pytest.raises(WeightsError, match=r'loaded anew does not run: .*CUDA error'):
        running.live.reload_model()
    # What runs and what is watched are still the same.
    tools.flip(running.model.weights['a.bias'], 0)
    assert running.live.check_all().names == ('a.bias',)


def test_damage_after_a_reload_of_the_model_is_cured_in_place_again(node, tools) -> None:
    running = Running(node, tools.several_kinds())
    running.live.reload_model()
    tools.flip(running.model.weights['b.half'], 5)
    assert running.live.reload() == ('b.half',)
    assert torch.equal(running.model.weights['b.half'], node.clean['b.half'])
