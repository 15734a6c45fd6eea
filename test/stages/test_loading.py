# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch

from restage.shipped import SHIPPED, portable
from restage.stages.hook import NoHook
from restage.stages.loading import WARM_UP_FRAMES, load_model, warm_up
from restage.stages.model import Stage, StagedModel
from restage.stages.runner import StageRunner


class Counting(NoHook):
    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()

    def after(self, stage: Stage, outputs: dict[str, torch.Tensor]) -> None:
        self.runs[stage.name] += 1


def test_warming_up_runs_every_stage_and_returns_every_tensor_in_its_size(
    tiny_model: StagedModel,
) -> None:
    hook = Counting()
    state = warm_up(StageRunner(tiny_model, hook=hook))
    assert hook.runs == {stage.name: WARM_UP_FRAMES for stage in tiny_model.stages}
    assert {name: tuple(tensor.shape) for name, tensor in state.items()} == {
        'image': (12, 16, 3),
        'x': (1, 3, 12, 16),
        'c': (1, 4, 12, 16),
        'p': (1, 7, 12, 16),
        'detections': (2, 6),
    }


def test_a_name_is_a_model_of_the_package_wherever_it_is_used() -> None:
    models = [load_model(name) for name in SHIPPED]
    assert [model.name for model in models] == ['roadnet', 'roadnet-hardened']
    assert len({model.digest() for model in models}) == 2
    assert len({model.boundaries for model in models}) == 1
    assert [portable(name) for name in SHIPPED] == list(SHIPPED)
    assert portable('weights.safetensors') == str(Path.cwd() / 'weights.safetensors')


@pytest.mark.parametrize('content', [None, b'not a weights file'])
def test_a_weights_file_that_is_missing_or_of_another_kind_is_a_clear_error(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / 'other.safetensors'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r'other\.safetensors'):
        load_model(str(path))
