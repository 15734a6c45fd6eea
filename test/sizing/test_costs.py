# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is reported of stages, checkpoints and weights."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from restage.plan.images import road_images
from restage.plan.measure import measure
from restage.plan.result import PlanResult
from restage.plan.samples import Samples, TensorSamples
from restage.sizing import costs
from restage.sizing.settings import EVENTS, SizingSettings
from restage.sizing.weights import measure_weights
from restage.stages.model import StagedModel


def result(samples: Samples, cap: float = 50.0) -> PlanResult:
    return PlanResult(model='m', digest='d', samples=samples, cap_percent=cap)


def three_stages() -> Samples:
    """a (1 MB) is read by both stages behind it, b (2 MB) by the last."""
    tensors = {
        'image': TensorSamples('image', -1, 100, [1, 1], [1, 1], [1, 1]),
        'a': TensorSamples('a', 0, 10**6, [10_000, 30_000], [90_000, 70_000], [40_000, 60_000]),
        'b': TensorSamples('b', 1, 2 * 10**6, [0, 0], [200_000, 300_000], [100_000, 20_000]),
        'd': TensorSamples('d', 2, 24, [0, 0], [10, 10], [10, 10]),
    }
    times = [[10**6, 10**6], [2 * 10**6, 4 * 10**6], [10**6, 10**6]]
    live = (('image',), ('a',), ('a', 'b'), ('d',))
    return Samples(('s0', 's1', 's2'), live, tensors, times)


def test_a_tensor_is_written_once_and_the_dearest_boundary_is_restored() -> None:
    found = result(three_stages())
    report = costs.checkpoint(found, costs.judge(found.profile, (0, 1)))
    assert report['boundaries'] == ['s0', 's1']
    assert report['bytes'] == 3 * 10**6
    assert report['commit_ms']['samples'] == [0.3, 0.4]
    assert report['restore_ms']['samples'] == [0.14, 0.08]
    assert report['worst_ms'] < report['worst_without_ms'] == 5.0


def test_no_checkpoints_are_nothing() -> None:
    found = result(three_stages())
    report = costs.checkpoint(found, found.none)
    assert (report['boundaries'], report['bytes']) == ([], 0)
    assert report['commit_ms'] == report['restore_ms'] == {'n': 0}


def test_stages_and_frames() -> None:
    samples = three_stages()
    assert costs.frames_ms(samples) == [4.0, 6.0]
    assert [one['out_bytes'] for one in costs.stages(samples)] == [10**6, 3 * 10**6, 24]


def test_the_boundaries_are_the_plans_or_the_models_own(tiny_model: StagedModel) -> None:
    samples = measure(tiny_model, road_images(tiny_model, 3, 2))
    found = result(samples, cap=100.0)
    assert costs.chosen(tiny_model, found, planned=True) == found.choice
    assert costs.chosen(tiny_model, found, planned=False).boundaries == ()


def test_all_weights_are_damaged_and_brought_back(
    load_tiny_model: Callable[[], StagedModel],
) -> None:
    found = measure_weights(load_tiny_model, 0.5, samples=2)
    assert found.nbytes >= 4 * 3 * 3 * 3 * 4
    assert len(found.check_ns) == len(found.reload_ns) == 2
    assert min(found.check_ns) > 0
    assert found.frames_per_round == 1


def test_each_event_has_its_trials_in_an_order_that_the_seed_gives() -> None:
    orders = [
        SizingSettings(frames=1, trials=3, resets=2, pairs=0, seed=seed).order()
        for seed in (1, 1, 2, 3, 4, 5)
    ]
    order, again, *others = orders
    counts = [order.count(cell) for cell in EVENTS.values()]
    assert counts == [3, 3, 2]
    assert order == again
    assert any(order != other for other in others)


def test_a_model_without_weights_of_ours(load_tiny_model: Callable[[], StagedModel]) -> None:
    from dataclasses import replace

    found = measure_weights(lambda: replace(load_tiny_model(), weights={}), 0.5)
    assert (found.nbytes, found.check_ns, found.frames_per_round) == (0, [], 0)


def test_the_restored_weights_are_looked_at(
    load_tiny_model: Callable[[], StagedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('restage.weights.guard.WeightGuard.reload', lambda _: ())
    with pytest.raises(RuntimeError, match='not the clean ones'):
        measure_weights(load_tiny_model, 0.5, samples=1)
