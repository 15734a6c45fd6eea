# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from restage.nodes.boundaries import boundaries_of, boundary_indices, checked_stages
from restage.nodes.detection_options import DetectionOptions
from restage.stages.model import StagedModel


@pytest.fixture
def options(make_options) -> Callable[..., DetectionOptions]:
    return make_options


@pytest.fixture
def write_plan(tmp_path: Path, tiny_model: StagedModel) -> Callable[..., str]:
    """Write a plan for the tiny model, with some keys as given."""

    def write(**changes: Any) -> str:
        stages = [stage.name for stage in tiny_model.stages]
        plan = {
            'schema': 1,
            'digest': tiny_model.digest(),
            'stages': stages,
            'boundaries': ['image', 'neck'],
            'stage_ms': [1.0] * len(stages),
            **changes,
        }
        path = tmp_path / 'plan.yaml'
        path.write_text(yaml.safe_dump(plan))
        return str(path)

    return write


def test_boundaries_are_stage_indices_and_the_image_is_before_them(tiny_model) -> None:
    assert boundary_indices(('neck', 'image', 'preprocess'), tiny_model) == {-1, 0, 2}
    assert boundary_indices((), tiny_model) == frozenset()


def test_a_model_proposes_its_own(tiny_model) -> None:
    assert boundary_indices(('auto',), tiny_model) == frozenset()
    proposing = replace(tiny_model, boundaries=('backbone.0',))
    assert boundary_indices(('auto',), proposing) == {1}


def test_a_boundary_that_is_no_stage_is_answered_with_those_accepted(tiny_model) -> None:
    with pytest.raises(ValueError) as caught:
        boundary_indices(('neck', 'head', 'tail'), tiny_model)
    assert str(caught.value) == (
        "checkpoint_boundaries ['head', 'tail'] are no stages of this model; "
        'accepted: auto, image, preprocess, backbone.0, neck, decode'
    )


def test_without_a_plan_the_boundaries_are_those_of_the_parameter(tiny_model, options) -> None:
    given = options(boundaries=('backbone.0',))
    assert boundaries_of(tiny_model, tiny_model.digest(), given) == {1}


def test_a_plan_is_gone_by_instead_of_the_parameter(tiny_model, options, write_plan) -> None:
    given = options(boundaries=('backbone.0',), plan=write_plan())
    assert boundaries_of(tiny_model, tiny_model.digest(), given) == {-1, 2}


def test_a_plan_of_other_weights_of_the_network_is_good_too(
    tiny_model, options, write_plan
) -> None:
    given = options(plan=write_plan(digest='other'))
    assert boundaries_of(tiny_model, tiny_model.digest(), given) == {-1, 2}


@pytest.mark.parametrize(
    ('changes', 'said'),
    [({'stages': ['a', 'b']}, 'stages'), ({'boundaries': ['head']}, 'boundaries')],
)
def test_a_plan_that_does_not_fit_the_model_is_refused(
    tiny_model, options, write_plan, changes: dict[str, Any], said: str
) -> None:
    given = options(plan=write_plan(**changes))
    with pytest.raises(ValueError, match=rf'plan\.yaml: {said}'):
        boundaries_of(tiny_model, tiny_model.digest(), given)


def test_a_plan_that_is_not_there_is_refused(tiny_model, options) -> None:
    with pytest.raises(ValueError, match=r'/no/such\.yaml: cannot be read'):
        boundaries_of(tiny_model, tiny_model.digest(), options(plan='/no/such.yaml'))


@pytest.mark.parametrize(
    ('boundaries', 'stages'),
    [
        ((), {'preprocess', 'backbone.0', 'neck', 'decode'}),
        ((-1,), {'preprocess', 'backbone.0', 'neck', 'decode'}),
        ((1,), {'backbone.0', 'neck', 'decode'}),
        ((0, 2), {'preprocess', 'neck', 'decode'}),
        ((-1, 3), {'neck', 'decode'}),
    ],
)
def test_values_are_looked_at_before_they_are_checkpointed_or_published(
    tiny_model, boundaries: tuple[int, ...], stages: set[str]
) -> None:
    assert checked_stages(tiny_model, frozenset(boundaries)) == stages


def test_the_only_stage_of_a_model_is_looked_at(tiny_model) -> None:
    first = tiny_model.stages[0]
    whole = type(first)(name='all', inputs=('image',), outputs=('detections',), run=first.run)
    model = StagedModel(name='m', stages=(whole,), class_names=(), input_size=(1, 1))
    assert checked_stages(model, frozenset()) == {'all'}
