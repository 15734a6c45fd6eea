# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""That everything is measured, in order, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from restage.checkpoint.errors import StoreError
from restage.plan.errors import PlanError
from restage.plan.images import DISTINCT, road_images
from restage.plan.measure import measure
from restage.plan.store import private_store
from restage.stages.model import Stage, StagedModel, State
from restage.stages.runner import StageError

FRAMES = 4


def pictures(count: int = FRAMES) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return [
        torch.randint(0, 255, (12, 16, 3), dtype=torch.uint8, generator=generator)
        for _ in range(count)
    ]


def spoiled(model: StagedModel, name: str, value: float) -> StagedModel:
    """Return the model with a value in what the stage ``name`` makes, but of blank frames."""

    def spoil(stage: Stage) -> Stage:
        def run(state: Mapping[str, torch.Tensor]) -> State:
            outputs = stage.run(state)
            for tensor in outputs.values():
                if len(state['x'].unique()) > 1:
                    tensor.view(-1)[0] = value
            return outputs

        return replace(stage, run=run) if stage.name == name else stage

    return replace(model, stages=tuple(spoil(stage) for stage in model.stages))


def test_every_stage_and_tensor_is_timed_in_every_frame(
    tiny_model: StagedModel, tmp_path: Path
) -> None:
    told: list[int] = []
    samples = measure(tiny_model, pictures(), told.append, root=tmp_path)
    assert told == [1, 2, 3, 4]
    assert samples.boundaries == ('image', 'preprocess', 'backbone.0', 'neck', 'decode')
    assert samples.live == (('image',), ('x',), ('x', 'c'), ('p',), ('detections',))
    assert [len(times) for times in samples.stage_ns] == [FRAMES] * 4
    made = [(one.name, one.made, one.nbytes) for one in samples.tensors.values()]
    pixels = 12 * 16
    assert made == [
        ('image', -1, 3 * pixels),
        ('x', 0, 12 * pixels),
        ('c', 1, 16 * pixels),
        ('p', 2, 28 * pixels),
        ('detections', 3, 48),
    ]
    assert samples.nbytes(1) == 28 * pixels
    for one in samples.tensors.values():
        times = (one.check_ns, one.commit_ns, one.restore_ns)
        assert [len(values) for values in times] == [FRAMES] * 3
        assert min(one.commit_ns + one.restore_ns) > 0


def test_the_profile_is_of_medians_and_a_skip_is_written_once(samples) -> None:
    samples.stage_ns[0][2] = 10**12
    samples.tensors['s'].check_ns[:] = [1, 2, 10**12]
    profile = samples.profile()
    assert profile.stage_ns == (10_000_000,) * 3
    assert profile.write_ns(-2, 1) == 2_000_002
    assert profile.write_ns(0, 1) == 1_000_000


def test_the_store_is_gone_before_anything_is_measured(
    tiny_model: StagedModel, tmp_path: Path
) -> None:
    left: list[list[Path]] = []
    measure(tiny_model, pictures(2), lambda _: left.append(list(tmp_path.iterdir())), root=tmp_path)
    assert left == [[], []]


def test_writer_and_reader_share_the_private_store(tiny_model: StagedModel, tmp_path: Path) -> None:
    tensor = torch.arange(6.0)
    with private_store(tiny_model, {'x': tensor}, tmp_path) as (writer, reader):
        assert list(tmp_path.iterdir()) == []
        writer.begin_frame(1)
        writer.commit(0, {'x': tensor})
        restored = reader.restore(1, lambda _: ('x',), at_most=3)
        assert torch.equal(restored.tensors['x'], tensor)


def test_a_folder_that_is_not_there_is_a_clear_error(
    tiny_model: StagedModel, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match=r"checkpoint store in '.*none': No such file"):
        measure(tiny_model, pictures(1), root=tmp_path / 'none')


def test_a_model_that_makes_nan_is_not_planned_for(tiny_model: StagedModel, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"output 'c' of stage 'backbone\.0' is not finite: 1 NaN"):
        measure(spoiled(tiny_model, 'backbone.0', float('nan')), pictures(), root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_stage_that_fails_is_named(tiny_model: StagedModel, tmp_path: Path) -> None:
    with pytest.raises(StageError, match="stage 'preprocess': exception: RuntimeError"):
        measure(tiny_model, [torch.zeros(12, 16, dtype=torch.uint8)], root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_images_are_the_same_for_the_same_seed_and_repeat(tiny_model: StagedModel) -> None:
    model = replace(tiny_model, input_size=(160, 96))
    first, again = list(road_images(model, 3, DISTINCT + 2)), list(road_images(model, 3, 2))
    assert len(first) == DISTINCT + 2
    assert first[0].shape == (96, 160, 3)
    assert torch.equal(first[1], again[1])
    assert torch.equal(first[DISTINCT], first[0])
    assert not torch.equal(first[1], first[0])


def test_for_a_size_the_scene_does_not_come_in_it_is_scaled(tiny_model: StagedModel) -> None:
    (image,) = road_images(tiny_model, 3, 1)
    assert image.shape == (12, 16, 3)
