# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the inference thread works with, made for a small model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from restage.cameras import Cameras
from restage.checkpoint.errors import StoreError
from restage.checkpoint.folder import open_or_create
from restage.checkpoint.keeper import MemoryKeeper, StoreKeeper
from restage.checkpoint.nodefile import DATA, NodeFile
from restage.checkpoint.progress import ProgressMarks
from restage.checkpoint.reader import CheckpointReader
from restage.detect.stack import make_stack
from restage.nodes import workbench
from restage.nodes.workbench import IMAGE_BYTES, Workbench, make_workbench
from restage.stages.hook import NoHook
from restage.stages.model import Stage, StagedModel
from restage.stages.runner import StageError, StageRunner
from restage.weights.golden import golden_path
from restage.weights.keeper import WEIGHTS

ROOM = DATA + 4 * IMAGE_BYTES
EPOCH = 1


class Hook(NoHook):
    """Writes down what it is called for."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.stages: list[str] = []
        self.models: list[StagedModel] = []

    def begin_frame(self, stamp_ns: int) -> None:
        self.frames.append(stamp_ns)

    def replace_model(self, model: StagedModel) -> None:
        self.models.append(model)

    def after(self, stage: Stage, outputs: dict[str, torch.Tensor]) -> None:
        self.stages.append(stage.name)


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / 'store'
    open_or_create(folder, ['a', 'b'], ROOM)
    return folder


@pytest.fixture
def make(load_tiny_model, make_options, hook, outlet) -> Callable[..., Workbench]:
    def make(
        store: Path | None = None,
        *,
        node: str = 'a',
        load: Callable[[], StagedModel] = load_tiny_model,
        **options: object,
    ) -> Workbench:
        return make_workbench(
            load,
            make_options(**options),
            lambda _: hook,
            outlet,
            node_name=node,
            store=store,
        )

    return make


@pytest.fixture
def clean(load_tiny_model, make_job) -> torch.Tensor:
    image = torch.from_numpy(make_job().image)
    return StageRunner(load_tiny_model()).run_all(image)['detections']


@pytest.mark.parametrize('stored', [True, False])
def test_a_frame_comes_out_as_without_all_this(
    make, store, outlet, make_job, clean, stored: bool
) -> None:
    bench = make(store if stored else None)
    assert isinstance(bench.keeper, StoreKeeper if stored else MemoryKeeper)
    assert bench.engine.process(make_job(), EPOCH)
    ((stamp_ns, frame_id, detections),) = outlet.published
    assert (stamp_ns, frame_id) == (1_000, 'front')
    assert torch.equal(detections, clean)


def test_the_error_detectors_know_the_cameras(make, monkeypatch) -> None:
    given = []

    def watched(*arguments: object) -> list[object]:
        given.append(arguments[-1])
        return make_stack(*arguments)

    monkeypatch.setattr(workbench, 'make_stack', watched)
    cameras = Cameras(('front', 'rear'))
    make(cameras=cameras)
    assert [options.cameras for options in given] == [cameras]


def test_warming_up_is_no_frame_to_a_fault(make, store, hook, make_job) -> None:
    bench = make(store)
    assert (hook.frames, hook.stages) == ([], [])
    bench.engine.process(make_job(), EPOCH)
    assert hook.frames == [1_000]
    assert len(hook.stages) == 4


def test_a_shadow_run_is_no_frame_to_a_fault(make, store, hook, make_job) -> None:
    bench = make(store)
    bench.shadow.run_all(torch.from_numpy(make_job().image))
    assert (hook.frames, hook.stages) == ([], [])


def test_the_store_says_what_the_node_runs_and_where_it_checkpoints(
    make, store, make_job, tiny_model
) -> None:
    bench = make(store, boundaries=('image', 'backbone.0'))
    plan = NodeFile(store / 'a').plan()
    assert plan.stages == tuple(stage.name for stage in tiny_model.stages)
    assert plan.model == bench.digest == tiny_model.digest()
    # The image, and what is alive behind backbone.0.
    assert {slot.name for slot in plan.slots} == {'image', 'x', 'c'}
    bench.engine.process(make_job(), EPOCH)
    assert CheckpointReader(NodeFile(store / 'a')).boundaries(1_000) == [1, -1]


def test_the_usual_times_of_the_stages_are_known_before_the_first_frame(
    make, store, hook, make_job
) -> None:
    bench = make(store, stage_deadline_ms=60_000.0, stage_deadline_floor_ms=5.0)
    promised: list[int] = []

    def after(stage: Stage, outputs: dict[str, torch.Tensor]) -> None:
        marks = ProgressMarks(NodeFile(store / 'a')).read()
        promised.append(marks.due_ns - marks.since_ns)

    hook.after = after
    bench.engine.process(make_job(), EPOCH)
    assert len(promised) == 4
    # Else a hang in the first frame would be found after 60 s.
    assert max(promised) < 60_000_000_000


def test_two_nodes_of_one_store_share_the_golden_weights(make, store) -> None:
    first = make(store, node='a')
    file = golden_path(store, first.digest)
    made = file.stat().st_ino
    second = make(store, node='b')
    assert second.digest == first.digest
    assert file.stat().st_ino == made


def test_damage_to_weights_is_seen_healed_and_does_not_reach_the_other_node(
    make, store, outlet, make_job, clean
) -> None:
    first, second = make(store, node='a'), make(store, node='b')
    with torch.no_grad():
        first.model.weights['backbone.0.weight'].view(-1)[3] += 1.0
    assert second.live.check_all() is None
    assert first.engine.process(make_job(), EPOCH)  # by itself: nobody gives orders here
    assert [report.detector for report in outlet.reports] == [WEIGHTS, '']
    assert torch.equal(outlet.published[0][2], clean)
    assert first.live.check_all() is None


def test_weights_are_checked_in_the_shadow_too(make, store, make_job) -> None:
    bench = make(store)
    with torch.no_grad():
        bench.model.weights['backbone.0.weight'].view(-1)[3] += 1.0
    with pytest.raises(StageError) as caught:
        bench.shadow.run_all(torch.from_numpy(make_job().image))
    assert caught.value.detector == WEIGHTS
    bench.live.reload()
    bench.shadow.run_all(torch.from_numpy(make_job().image))


def test_a_model_loaded_anew_is_run_by_all_who_run_it(
    make, store, outlet, hook, make_job, clean
) -> None:
    bench = make(store)
    bench.live.reload_model()
    (fresh,) = hook.models
    assert fresh is bench.shadow.model
    assert fresh is not bench.model
    assert (hook.frames, hook.stages) == ([], [])  # its warm-up is no frame either
    assert bench.engine.process(make_job(), EPOCH)
    assert torch.equal(outlet.published[0][2], clean)
    with torch.no_grad():
        fresh.weights['backbone.0.weight'].view(-1)[3] += 1.0
    assert bench.live.check_all() is not None


@pytest.mark.parametrize(
    ('options', 'said'),
    [
        (
            {'boundaries': ('head',)},
            'are no stages of this model; accepted: auto, image, preprocess',
        ),
        ({'plan': '/no/such.yaml'}, 'cannot be read'),
    ],
)
def test_boundaries_that_do_not_fit_are_refused(make, store, options, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make(store, **options)


def test_a_store_without_room_for_the_model_is_refused(make, tmp_path) -> None:
    small = tmp_path / 'small'
    open_or_create(small, ['a'], DATA + 4096)
    with pytest.raises(StoreError, match='raise store_capacity_mb'):
        make(small)


def test_with_no_boundaries_at_all_a_frame_comes_out_all_the_same(
    make, store, outlet, make_job, clean
) -> None:
    bench = make(store, boundaries=())
    assert bench.engine.process(make_job(), EPOCH)
    assert torch.equal(outlet.published[0][2], clean)
    assert NodeFile(store / 'a').plan().slots == ()
