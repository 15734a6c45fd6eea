# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch

from restage.stages.model import Stage, StagedModel, State


def stage(name: str, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Stage:
    def run(state: Mapping[str, torch.Tensor]) -> State:
        return {output: torch.zeros(1) for output in outputs}

    return Stage(name=name, inputs=inputs, outputs=outputs, run=run)


def model(*stages: Stage) -> StagedModel:
    return StagedModel(name='m', stages=stages, class_names=(), input_size=(4, 4))


def test_a_stage_name_that_appears_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="stage name 'a' appears twice in 'm'"):
        model(stage('a', ('image',), ('x',)), stage('a', ('x',), ('detections',)))


def test_a_stage_that_reads_what_only_a_later_one_makes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"stage 'a' of 'm' reads \['y', 'z'\], which no earlier"):
        model(stage('a', ('z', 'image', 'y'), ('x',)), stage('b', ('x',), ('y', 'detections')))


def test_a_model_without_detections_is_refused() -> None:
    with pytest.raises(ValueError, match="no stage of 'm' produces 'detections'"):
        model(stage('a', ('image',), ('x',)))


def test_a_stage_is_found_by_its_name(tiny_model: StagedModel) -> None:
    assert [tiny_model.index(stage.name) for stage in tiny_model.stages] == [0, 1, 2, 3]


def test_an_unknown_stage_name_is_answered_with_the_names_there_are(
    tiny_model: StagedModel,
) -> None:
    with pytest.raises(ValueError) as caught:
        tiny_model.index('head')
    assert str(caught.value) == (
        "no stage 'head' in 'tiny'; its stages are: preprocess, backbone.0, neck, decode"
    )


def test_a_tensor_stays_alive_until_its_last_reader_has_run(tiny_model: StagedModel) -> None:
    alive = {boundary: tiny_model.live_after(boundary) for boundary in range(-1, 4)}
    assert alive == {
        -1: ('image',),
        0: ('x',),
        1: ('x', 'c'),  # x skips over backbone.0 to neck
        2: ('p',),
        3: ('detections',),
    }


def test_detections_made_early_stay_alive_only_where_they_are_read_or_at_the_end() -> None:
    early = model(
        stage('a', ('image',), ('x', 'detections')), stage('b', ('x', 'detections'), ('y',))
    )
    assert early.live_after(0) == ('x', 'detections')
    assert early.live_after(1) == ('detections',)


def test_live_tensors_are_enough_to_run_every_later_stage(tiny_model: StagedModel) -> None:
    image = torch.randint(0, 255, (12, 16, 3), dtype=torch.uint8)
    whole: State = {'image': image}
    for one in tiny_model.stages:
        whole.update(one.run(whole))
    for boundary in range(-1, 4):
        state = {name: whole[name] for name in tiny_model.live_after(boundary)}
        for one in tiny_model.stages[boundary + 1 :]:
            state.update(one.run({name: state[name] for name in one.inputs}))
        assert torch.equal(state['detections'], whole['detections'])


def test_a_changed_copy_of_a_model_is_checked_again(tiny_model: StagedModel) -> None:
    with pytest.raises(ValueError, match="stage 'neck' of 'tiny' reads"):
        replace(tiny_model, stages=tiny_model.stages[2:])


def test_the_digest_tells_models_of_other_weights_apart(tiny_model: StagedModel) -> None:
    weight = tiny_model.weights['backbone.0.weight']
    assert (
        tiny_model.digest() == replace(tiny_model, weights={'backbone.0.weight': weight}).digest()
    )
    changed = weight.clone()
    changed[0, 0, 0, 0] += 1e-6
    others = [
        replace(tiny_model, weights={'backbone.0.weight': changed}),
        replace(tiny_model, weights={'backbone.1.weight': weight}),
        replace(tiny_model, weights={}),
        replace(tiny_model, name='other'),
    ]
    assert len({model.digest() for model in (tiny_model, *others)}) == 5


def test_the_digest_depends_neither_on_the_order_nor_on_the_layout_of_weights(
    tiny_model: StagedModel,
) -> None:
    weight = tiny_model.weights['backbone.0.weight']
    scale, none = torch.tensor(2.0), torch.zeros(0)
    first = replace(tiny_model, weights={'a': weight, 'b': scale, 'c': none})
    laid_out = weight.contiguous(memory_format=torch.channels_last)
    second = replace(tiny_model, weights={'c': none, 'b': scale, 'a': laid_out})
    assert first.digest() == second.digest()
