# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import gc
import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restage.detect.weights import WeightDetector
from restage.stages.model import StagedModel
from restage.stages.runner import StageError, StageRunner
from restage.weights import guard as module
from restage.weights.errors import WeightsError
from restage.weights.golden import golden_path
from restage.weights.guard import WeightFault
from restage.weights.keeper import WEIGHTS

# No time at all: a round then has as many frames as there are blocks.
LEAST_NS = 1
PLENTY_NS = 10**12
# What the fixtures do to the module lasts for all examples of a test.
SAME_FOR_ALL = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def bits_of(tensor: torch.Tensor) -> int:
    return 8 * tensor.numel() * tensor.element_size()


def found_in(node, frames: int) -> list[WeightFault]:
    """What is found as so many frames go by."""
    faults = [node.guard.check_next() for _ in range(frames)]
    return [fault for fault in faults if fault is not None]


# Moving in


def test_a_guarded_model_has_the_same_weights_in_the_same_memory_order(make_node, tools) -> None:
    clean = tools.several_kinds()
    node = make_node(tools.several_kinds)
    for name, tensor in node.model.weights.items():
        if name != 'b.gaps':
            assert tools.same_bits(tensor, clean.weights[name]), name
    assert node.intact()


def test_a_weight_stays_the_object_its_network_knows(make_node, tools) -> None:
    model = tools.several_kinds()
    known = dict(model.weights)
    node = make_node(lambda: model)
    assert all(node.model.weights[name] is tensor for name, tensor in known.items())
    assert isinstance(node.model.weights['b.grad'], torch.nn.Parameter)


def test_clean_weights_are_no_fault(make_node) -> None:
    node = make_node()
    assert node.guard.check_all() is None


def test_a_model_without_weights_is_guarded_without_ado(make_node, tools) -> None:
    node = make_node(lambda: tools.make_model({}, [('only', ())]), budget_ns=LEAST_NS)
    assert node.guard.frames_per_round == 0
    assert (node.guard.check_all(), node.guard.check_next(), node.guard.reload()) == (
        None,
        None,
        (),
    )


# What is seen


@pytest.mark.usefixtures('small_blocks')
@SAME_FOR_ALL
@given(data=st.data())
def test_every_flipped_bit_is_seen_within_a_round_in_its_stage_and_by_name(
    make_node, data: st.DataObject
) -> None:
    node = make_node(budget_ns=LEAST_NS)
    rounds = node.guard.frames_per_round
    assert rounds == len(node.golden.layout.blocks) > 5
    assert found_in(node, data.draw(st.integers(0, rounds), 'frames before')) == []
    names = [name for name, tensor in node.model.weights.items() if tensor.numel()]
    name = data.draw(st.sampled_from(names), 'weight')
    bit = data.draw(st.integers(0, bits_of(node.model.weights[name]) - 1), 'bit')
    node.damage(name, bit)
    stage = 1 if name.startswith('a.') else 2
    assert node.guard.check_all() == WeightFault(stage, (name,))
    assert found_in(node, rounds) == [WeightFault(stage, (name,))]


@SAME_FOR_ALL
@given(data=st.data())
def test_with_time_enough_every_flipped_bit_is_seen_on_the_next_frame(
    make_node, data: st.DataObject
) -> None:
    node = make_node(budget_ns=PLENTY_NS)
    names = [name for name, tensor in node.model.weights.items() if tensor.numel()]
    name = data.draw(st.sampled_from(names), 'weight')
    bit = data.draw(st.integers(0, bits_of(node.model.weights[name]) - 1), 'bit')
    assert node.guard.check_next() is None
    node.damage(name, bit)
    assert node.guard.check_next() == WeightFault(1 if name.startswith('a.') else 2, (name,))


@SAME_FOR_ALL
@given(data=st.data())
def test_a_reload_restores_every_damaged_byte_and_names_what_was_damaged(
    make_node, data: st.DataObject
) -> None:
    node = make_node()
    names = sorted(name for name, tensor in node.model.weights.items() if tensor.numel())
    flips = data.draw(
        st.lists(st.tuples(st.sampled_from(names), st.integers(0, 10**6)), max_size=6, unique=True)
    )
    damaged: dict[str, set[int]] = {}
    for name, number in flips:
        bit = number % bits_of(node.model.weights[name])
        node.damage(name, bit)
        damaged[name] = damaged.get(name, set()) ^ {bit}
    wrong = {name for name, bits in damaged.items() if bits}
    assert set(node.guard.reload()) == wrong
    assert node.intact()
    assert node.guard.check_all() is None
    assert node.loads == []  # the golden copy was enough


def test_damage_in_several_stages_is_reported_as_of_the_first(make_node) -> None:
    node = make_node()
    node.damage('b.int8')
    node.damage('a.bias')
    assert node.guard.check_all() == WeightFault(1, ('a.bias', 'b.int8'))


def test_a_fault_says_which_weights_it_is_about(make_node) -> None:
    node = make_node()
    node.damage('a.bias')
    node.damage('a.scale')
    assert str(node.guard.check_all()) == 'checksum differs: a.bias, a.scale'


def test_damage_to_a_weight_with_two_names_is_seen_in_the_first_stage_that_uses_it(
    make_node, tools
) -> None:
    def load() -> StagedModel:
        tied = torch.ones(3)
        return tools.make_model(
            {'embed': tied, 'out': tied}, [('first', ('embed',)), ('second', ('out',))]
        )

    node = make_node(load, budget_ns=PLENTY_NS)
    assert node.model.weights['embed'] is node.model.weights['out']
    node.damage('out')
    assert node.guard.check_next() == WeightFault(0, ('embed',))
    node.guard.reload()
    assert node.intact()


# When is it looked at


def test_with_time_enough_every_weight_is_checked_on_every_frame(make_node) -> None:
    node = make_node(budget_ns=PLENTY_NS)
    assert node.guard.frames_per_round == 1
    node.damage('a.bias')
    node.damage('b.half')
    assert found_in(node, 3) == [WeightFault(1, ('a.bias', 'b.half'))] * 3


def test_without_any_time_nothing_is_checked_before_an_error(make_node) -> None:
    node = make_node(budget_ns=0)
    node.damage('a.bias')
    assert node.guard.frames_per_round == 0
    assert found_in(node, 20) == []
    assert node.guard.check_all() is not None


@pytest.mark.usefixtures('small_blocks')
@pytest.mark.parametrize('budget_ns', [LEAST_NS, PLENTY_NS])
def test_a_round_has_no_more_frames_than_there_are_blocks(make_node, budget_ns: int) -> None:
    node = make_node(budget_ns=budget_ns)
    assert 1 <= node.guard.frames_per_round <= len(node.golden.layout.blocks)


@pytest.mark.usefixtures('small_blocks')
@pytest.mark.parametrize(
    ('budget_ns', 'frames'), [(1_000, 1), (999, 2), (500, 2), (334, 3), (333, 4), (250, 4)]
)
def test_a_round_takes_as_many_frames_as_the_budget_asks_for(
    make_node, monkeypatch: pytest.MonkeyPatch, budget_ns: int, frames: int
) -> None:
    looks = itertools.count(0, 1_000)  # checking everything takes 1000 ns
    monkeypatch.setattr(module, 'time', SimpleNamespace(monotonic_ns=lambda: next(looks)))
    node = make_node(budget_ns=budget_ns)
    assert len(node.golden.layout.blocks) > 5
    assert node.guard.frames_per_round == frames


@pytest.mark.usefixtures('small_blocks')
def test_in_one_round_damage_anywhere_is_found_once(make_node) -> None:
    node = make_node(budget_ns=LEAST_NS)
    for name in ('a.bias', 'a.scale', 'b.turned'):
        node.damage(name)
    rounds = node.guard.frames_per_round
    for _ in range(2):
        assert sorted(name for fault in found_in(node, rounds) for name in fault.names) == [
            'a.bias',
            'a.scale',
            'b.turned',
        ]


# Where clean weights come from


def test_a_damaged_golden_copy_is_no_fault_of_a_node_whose_own_pages_are_clean(make_node) -> None:
    node = make_node()
    for name in ('a.bias', 'b.half'):
        node.damage(name)
    node.guard.reload()  # by now its pages are its own
    node.golden.writable()[0] ^= 1
    assert node.guard.check_all() is None
    assert node.guard.reload() == ()


def damage_both(node, name: str = 'a.bias') -> None:
    """
    Damage the weight in the golden copy, which all nodes see that have not written to it.

    Which weight it is cannot be told then: those of its block are named.
    """
    (item,) = (item for item in node.golden.layout.placed if item.name == name)
    node.golden.writable()[item.offset] ^= 1


def test_a_damaged_golden_copy_is_repaired_from_the_models_file(make_node, tmp_path: Path) -> None:
    path = golden_path(tmp_path, 'x')
    node, other = make_node(path=path), make_node(path=path)
    damage_both(node)
    assert not node.intact()
    assert 'a.bias' in node.guard.check_all().names
    assert node.guard.check_all().stage == 1
    assert 'a.bias' in node.guard.reload()
    assert node.loads == [1]
    for one in (node, other):
        assert one.intact()
        assert one.guard.check_all() is None
    assert node.golden.layout.checksums(np.fromfile(path, np.uint8)) == node.golden.sums


def changed(load: Callable[[], StagedModel]) -> Callable[[], StagedModel]:
    """The model's file at first, and another one from the second look on."""
    looks: list[int] = []

    def read() -> StagedModel:
        model = load()
        looks.append(1)
        if len(looks) > 1:
            with torch.no_grad():
                model.weights['a.bias'][0] += 1
        return model

    return read


def test_a_model_file_that_has_changed_is_no_source_and_touches_nobodys_weights(
    make_node, tools, tmp_path: Path
) -> None:
    path = golden_path(tmp_path, 'x')
    other = make_node(path=path)
    node = make_node(changed(tools.several_kinds), path=path)
    before = node.golden.data.copy()
    damage_both(node, 'b.half')
    damaged = node.golden.data.copy()
    with pytest.raises(WeightsError, match="damaged and the model's file has changed"):
        node.guard.reload()
    assert (node.golden.data == damaged).all()
    assert (damaged != before).sum() == 1
    # What was clean is clean still, here and in the other node.
    assert other.guard.check_all().stage == 2
    assert torch.equal(other.model.weights['a.bias'], other.clean['a.bias'])


@pytest.mark.parametrize(
    'error', [ValueError('no safetensors'), OSError('no such file'), KeyError('a.bias')]
)
def test_a_model_file_that_cannot_be_read_is_an_error_that_says_so(
    make_node, tools, error: Exception
) -> None:
    answers: list[Exception] = []

    def load() -> StagedModel:
        if answers:
            raise answers[0]
        return tools.several_kinds()

    node = make_node(load)
    answers.append(error)
    damage_both(node)
    with pytest.raises(WeightsError, match='the golden copy is damaged and the model cannot be'):
        node.guard.reload()
    assert node.guard.check_all() is not None


def test_a_model_file_with_fewer_weights_is_no_source(make_node, tools) -> None:
    models = [tools.several_kinds(), tools.one_weight()]
    node = make_node(lambda: models.pop(0))
    damage_both(node)
    with pytest.raises(WeightsError):
        node.guard.reload()


# A model loaded anew


def test_a_model_that_is_loaded_anew_is_the_one_that_is_watched(make_node, tools) -> None:
    node = make_node(budget_ns=PLENTY_NS)
    old, fresh = node.model, tools.several_kinds()
    node.guard.adopt(fresh)
    tools.flip(old.weights['a.bias'], 0)
    assert node.guard.check_all() is None
    tools.flip(fresh.weights['a.bias'], 0)
    assert node.guard.check_all() == WeightFault(1, ('a.bias',))
    node.guard.reload()
    assert torch.equal(fresh.weights['a.bias'], node.clean['a.bias'])


def test_a_model_loaded_anew_does_not_compute_with_a_damaged_golden_copy(make_node, tools) -> None:
    node = make_node()
    damage_both(node)
    fresh = tools.several_kinds()
    node.guard.adopt(fresh)
    assert node.loads == [1]
    assert node.guard.check_all() is None
    assert torch.equal(fresh.weights['a.bias'], node.clean['a.bias'])


def test_a_model_is_not_taken_in_over_a_golden_copy_that_cannot_be_repaired(
    make_node, tools
) -> None:
    node = make_node(changed(tools.several_kinds))
    damage_both(node)
    fresh = tools.several_kinds()
    with pytest.raises(WeightsError):
        node.guard.adopt(fresh)
    # The one that runs is still the one that is watched.
    node.damage('b.half')
    assert 'b.half' in node.guard.check_all().names
    assert torch.equal(fresh.weights['a.bias'], node.clean['a.bias'])


def test_models_loaded_anew_leave_no_descriptors_behind(make_node, tools) -> None:
    node = make_node()
    node.guard.adopt(tools.several_kinds())
    gc.collect()
    before = len(list(Path('/proc/self/fd').iterdir()))
    for _ in range(10):
        node.guard.adopt(tools.several_kinds())
    gc.collect()
    assert len(list(Path('/proc/self/fd').iterdir())) == before


# As an error detector


def errors_of(node, frames: int) -> list[StageError]:
    """The errors that so many frames end in."""
    runner = StageRunner(node.model, [WeightDetector(node.model, node.guard)])
    image = torch.zeros(4, 4, 3, dtype=torch.uint8)
    errors = []
    for _ in range(frames):
        try:
            runner.run_all(image)
        except StageError as error:
            errors.append(error)
    return errors


def test_the_detector_names_the_weights_before_a_frame_is_done(make_node) -> None:
    node = make_node(budget_ns=PLENTY_NS)
    assert errors_of(node, 3) == []
    node.damage('a.conv')
    (error,) = errors_of(node, 1)
    assert (error.index, error.stage, error.detector) == (2, 'b', WEIGHTS)
    assert error.message == 'checksum differs: a.conv'


@pytest.mark.usefixtures('small_blocks')
def test_the_detector_sees_damage_within_a_round_of_frames(make_node) -> None:
    node = make_node(budget_ns=LEAST_NS)
    node.damage('b.turned', 300)
    assert len(errors_of(node, node.guard.frames_per_round)) == 1


def test_the_detector_looks_once_a_frame(make_node, monkeypatch: pytest.MonkeyPatch) -> None:
    node = make_node(budget_ns=PLENTY_NS)
    looks: list[int] = []
    monkeypatch.setattr(node.guard, 'check_next', lambda: looks.append(1))
    errors_of(node, 4)
    assert len(looks) == 4
