# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest
import torch

from restage.detect.detector import ErrorDetector, Finding
from restage.detect.finite import FiniteDetector
from restage.stages.hook import NoHook
from restage.stages.model import Stage, StagedModel
from restage.stages.runner import StageError, StageRunner


@pytest.fixture
def image() -> torch.Tensor:
    generator = torch.Generator().manual_seed(4)
    return torch.randint(0, 255, (12, 16, 3), dtype=torch.uint8, generator=generator)


class Spy(NoHook):
    """Writes down every call; spoils the output of ``nan_in``, raises before ``raise_in``."""

    def __init__(self, nan_in: str = '', raise_in: str = '') -> None:
        self.calls: list[tuple[str, str]] = []
        self._nan_in, self._raise_in = nan_in, raise_in

    def before(
        self, stage: Stage, inputs: Mapping[str, torch.Tensor]
    ) -> Mapping[str, torch.Tensor]:
        self.calls.append(('before', stage.name))
        assert set(inputs) == set(stage.inputs)
        return inputs

    def during(self, stage: Stage) -> AbstractContextManager[None]:
        @contextmanager
        def around() -> Iterator[None]:
            self.calls.append(('enter', stage.name))
            if stage.name == self._raise_in:
                raise RuntimeError('backend says no\nand a long story')
            yield
            self.calls.append(('leave', stage.name))

        return around()

    def after(self, stage: Stage, outputs: dict[str, torch.Tensor]) -> None:
        self.calls.append(('after', stage.name))
        if stage.name == self._nan_in:
            for name in outputs:
                outputs[name] = torch.full_like(outputs[name], math.nan)


class Objection(ErrorDetector):
    name = 'objection'

    def __init__(self, spy: Spy) -> None:
        self._spy = spy

    def check(
        self, stage: Stage, inputs: Mapping[str, torch.Tensor], outputs: Mapping[str, torch.Tensor]
    ) -> Finding | None:
        self._spy.calls.append(('check', stage.name))
        return None


def test_running_all_equals_composing_the_stages_by_hand(
    tiny_model: StagedModel, image: torch.Tensor
) -> None:
    state = {'image': image}
    for stage in tiny_model.stages:
        state.update(stage.run({name: state[name] for name in stage.inputs}))
    whole = StageRunner(tiny_model, [FiniteDetector()]).run_all(image)
    assert list(whole) == ['image', 'x', 'c', 'p', 'detections']
    for name, tensor in state.items():
        assert torch.equal(whole[name], tensor)


def test_a_run_leaves_the_image_as_it_was(tiny_model: StagedModel, image: torch.Tensor) -> None:
    before = image.clone()
    StageRunner(tiny_model).run_all(image)
    assert torch.equal(image, before)


def test_the_hook_is_called_around_each_stage_and_before_the_detectors(
    tiny_model: StagedModel, image: torch.Tensor
) -> None:
    spy = Spy()
    StageRunner(tiny_model, [Objection(spy)], spy).run(0, {'image': image})
    assert [call for call, _ in spy.calls] == ['before', 'enter', 'leave', 'after', 'check']


def test_an_exception_of_the_backend_is_a_stage_error_with_its_first_line(
    tiny_model: StagedModel, image: torch.Tensor
) -> None:
    runner = StageRunner(tiny_model, hook=Spy(raise_in='backbone.0'))
    begun = time.monotonic_ns()
    with pytest.raises(StageError) as caught:
        runner.run_all(image)
    error = caught.value
    assert (error.index, error.stage, error.detector) == (1, 'backbone.0', 'exception')
    assert error.message == 'RuntimeError: backend says no'
    assert str(error) == "stage 'backbone.0': exception: RuntimeError: backend says no"
    assert begun <= error.seen_ns <= time.monotonic_ns()
    assert isinstance(error.__cause__, RuntimeError)


def test_an_exception_without_a_text_is_still_named(tiny_model: StagedModel) -> None:
    def fail(_: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        raise ZeroDivisionError

    first = replace(tiny_model.stages[0], run=fail)
    broken = replace(tiny_model, stages=(first, *tiny_model.stages[1:]))
    with pytest.raises(StageError, match='exception: ZeroDivisionError: '):
        StageRunner(broken).run(0, {'image': torch.zeros(2, 2, 3, dtype=torch.uint8)})


def test_a_missing_input_is_a_stage_error_and_names_it(tiny_model: StagedModel) -> None:
    with pytest.raises(StageError, match="KeyError: 'x'"):
        StageRunner(tiny_model).run(2, {'c': torch.zeros(1)})


def test_what_a_detector_says_becomes_the_error(
    tiny_model: StagedModel, image: torch.Tensor
) -> None:
    runner = StageRunner(tiny_model, [FiniteDetector()], Spy(nan_in='neck'))
    with pytest.raises(StageError) as caught:
        runner.run_all(image)
    error = caught.value
    assert (error.index, error.stage, error.detector) == (2, 'neck', 'finite')
    assert error.message.startswith("output 'p' of stage 'neck' is not finite: ")


def test_without_detectors_a_nan_passes(tiny_model: StagedModel, image: torch.Tensor) -> None:
    whole = StageRunner(tiny_model, hook=Spy(nan_in='neck')).run_all(image)
    assert whole['p'].isnan().all()


def test_a_program_end_is_not_taken_for_a_stage_error(
    tiny_model: StagedModel, image: torch.Tensor
) -> None:
    def end(_: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        raise KeyboardInterrupt

    first = replace(tiny_model.stages[0], run=end)
    broken = replace(tiny_model, stages=(first, *tiny_model.stages[1:]))
    with pytest.raises(KeyboardInterrupt):
        StageRunner(broken).run(0, {'image': image})
