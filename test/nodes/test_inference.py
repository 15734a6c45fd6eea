# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The inference thread over a small model, as primary, as standby and as heir."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from restage.checkpoint.folder import open_or_create
from restage.checkpoint.nodefile import DATA, NodeFile
from restage.checkpoint.progress import Progress, ProgressMarks
from restage.detect.deadlines import DeadlineOptions, Deadlines
from restage.nodes.inference import BEAT_S, Inference
from restage.nodes.lost_context import STATUS
from restage.nodes.orders import Promotion
from restage.nodes.workbench import IMAGE_BYTES, make_workbench
from restage.stages.frame import ResumeJob
from restage.stages.hook import NoHook
from restage.stages.model import Stage, StagedModel
from restage.stages.runner import StageRunner
from restage.weights.golden import golden_path

ROOM = DATA + 4 * IMAGE_BYTES
SECOND = 1_000_000_000
DEADLINE_S = 60.0


class Hook(NoHook):
    """Calls ``action`` behind every stage."""

    def __init__(self) -> None:
        self.action: Callable[[Stage], None] = lambda _: None

    def after(self, stage: Stage, outputs: dict[str, torch.Tensor]) -> None:
        self.action(stage)


class Death(BaseException):
    """Ends a frame in the middle, as the end of the process would."""


@dataclass
class Node:
    """A node's inference thread; ``logs`` are its complaints."""

    inference: Inference
    model: StagedModel
    hook: Hook
    logs: list[str]
    file: NodeFile | None

    def marks(self) -> Progress:
        assert self.file is not None
        return ProgressMarks(self.file).read()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / 'store'
    open_or_create(folder, ['a', 'b'], ROOM)
    return folder


@pytest.fixture
def make_bench(load_tiny_model, make_options, outlet):
    def make(store: Path | None, name: str, hook: Hook, *, load=load_tiny_model, **options):
        return make_workbench(
            load,
            make_options(**options),
            lambda _: hook,
            outlet,
            node_name=name,
            store=store,
        )

    return make


@pytest.fixture
def make(make_bench, outlet) -> Iterator[Callable[..., Node]]:
    nodes: list[Node] = []

    def start(
        store: Path | None,
        name: str = 'b',
        percent: float = 0.0,
        image_deadline_s: float = 0.03,
        **options,
    ) -> Node:
        hook, logs = Hook(), []
        bench = make_bench(store, name, hook, **options)
        inference = Inference(
            bench,
            outlet,
            queue_depth=4,
            image_deadline_s=image_deadline_s,
            shadow_percent=percent,
            store=store,
            log=logs.append,
            found=lambda _: None,
        )
        file = NodeFile(store / name) if store is not None else None
        nodes.append(Node(inference, bench.model, hook, logs, file))
        return nodes[-1]

    yield start
    for node in nodes:
        node.inference.stop()


@pytest.fixture
def clean(load_tiny_model, make_job) -> torch.Tensor:
    image = torch.from_numpy(make_job().image)
    return StageRunner(load_tiny_model()).run_all(image)['detections']


@pytest.fixture
def dead(make_bench, store, make_job) -> Callable[..., None]:
    """Let node ``a`` die in frame 1000 behind ``stage``, with checkpoints as given."""

    def die(stage: str = 'neck', **options: object) -> None:
        hook = Hook()
        bench = make_bench(store, 'a', hook, **options)

        def action(done: Stage) -> None:
            if done.name == stage:
                raise Death

        hook.action = action
        with pytest.raises(Death):
            bench.engine.process(make_job(), 1)

    return die


# As primary


def test_as_primary_it_publishes_what_is_queued_after_the_takeover(make, store, outlet, make_job):
    node = make(store)
    for stamp in (1, 2, 3):
        node.inference.queue.put(make_job(stamp))
    node.inference.promote(Promotion(epoch=4, after=(1,)))
    outlet.until(lambda: len(outlet.published) == 2)
    assert [stamp for stamp, _, _ in outlet.published] == [2, 3]


def test_that_it_is_primary_is_in_its_marks_before_its_first_frame(make, store):
    node = make(store)
    node.inference.promote(Promotion(epoch=4, after=(1,)))
    assert node.marks().epoch == 4
    assert not node.marks().in_flight


def test_an_error_of_its_own_making_does_not_end_the_thread(make, store, outlet, make_job):
    node = make(store)
    node.inference.promote(Promotion(epoch=1, after=(0,)))
    node.inference.queue.put(replace(make_job(1), image=None))
    node.inference.queue.put(make_job(2))
    outlet.until(lambda: outlet.published)
    assert [stamp for stamp, _, _ in outlet.published] == [2]
    (said,) = node.logs
    assert said == 'frame 1 failed: ValueError: frame 1 has neither an image nor a checkpoint'
    lost = outlet.reports[0]
    assert (lost.state.name, lost.stamp_ns, lost.detector) == ('DROPPED', 1, 'exception')
    assert lost.error == 'ValueError: frame 1 has neither an image nor a checkpoint'


# As heir


def test_a_frame_of_a_dead_node_is_finished_from_its_checkpoint(
    make, store, dead, outlet, clean, make_job
):
    dead('neck')
    node = make(store)
    resume = ResumeJob(stamp_ns=1_000, from_node='a', boundary=1)
    node.inference.promote(Promotion(epoch=2, after=(1_000,), resume=resume))
    node.inference.queue.put(make_job(2_000))
    outlet.until(lambda: len(outlet.published) == 2)
    (stamp_ns, frame_id, detections), (later, _, _) = outlet.published
    assert (stamp_ns, frame_id, later) == (1_000, 'front', 2_000)
    assert torch.equal(detections, clean)
    (resumed,) = outlet.reports
    assert (resumed.state.name, resumed.checkpoint, resumed.stage) == ('RESUMED', 1, 'neck')
    assert 0 < resumed.restored_ns <= resumed.monotonic_ns
    assert node.logs == []


@pytest.mark.parametrize('when', ['before', 'after'])
def test_a_frame_that_was_not_checkpointed_is_begun_anew_from_the_image_this_node_has(
    make, store, dead, outlet, clean, make_job, when: str
):
    dead('preprocess', boundaries=())
    node = make(store, image_deadline_s=DEADLINE_S)
    if when == 'before':
        node.inference.queue.put(make_job(1_000))
    resume = ResumeJob(stamp_ns=1_000, from_node='a', boundary=-2)
    node.inference.queue.promote((1_000,), resume)
    if when == 'after':  # its way here was longer than to the node that died
        node.inference.queue.put(make_job(1_000))
    outlet.until(lambda: outlet.published or node.logs)
    ((stamp_ns, frame_id, detections),) = outlet.published
    assert (stamp_ns, frame_id) == (1_000, 'front')
    assert torch.equal(detections, clean)
    (resumed,) = outlet.reports
    assert (resumed.state.name, resumed.checkpoint) == ('RESUMED', -1)


def test_a_frame_of_which_nothing_is_left_is_reported_as_lost(make, store, dead, outlet):
    dead('preprocess', boundaries=())
    node = make(store)
    resume = ResumeJob(stamp_ns=1_000, from_node='a', boundary=-2)
    node.inference.promote(Promotion(epoch=2, after=(1_000,), resume=resume))
    outlet.until(lambda: outlet.reports)
    (lost,) = outlet.reports
    assert (lost.state.name, lost.stamp_ns, lost.detector) == ('DROPPED', 1_000, 'no_checkpoint')
    assert lost.error.startswith('neither a checkpoint nor the image: ')
    (said,) = node.logs
    assert said.startswith('nothing to resume frame 1000 from: ')


def test_a_node_without_the_dead_ones_store_begins_anew_from_its_own_image(
    make, outlet, clean, make_job
):
    node = make(None)
    node.inference.queue.put(make_job(1_000))
    resume = ResumeJob(stamp_ns=1_000, from_node='a', boundary=1)
    node.inference.promote(Promotion(epoch=2, after=(1_000,), resume=resume))
    outlet.until(lambda: outlet.published or node.logs)
    ((stamp_ns, _, detections),) = outlet.published
    assert stamp_ns == 1_000
    assert torch.equal(detections, clean)
    assert node.logs == []


def test_without_the_dead_ones_store_and_without_the_image_the_frame_is_reported_as_lost(
    make, outlet
):
    node = make(None)
    resume = ResumeJob(stamp_ns=1_000, from_node='a', boundary=1)
    node.inference.promote(Promotion(epoch=2, after=(1_000,), resume=resume))
    outlet.until(lambda: outlet.reports or node.logs)
    outlet.until(lambda: outlet.reports)
    (lost,) = outlet.reports
    assert (lost.state.name, lost.detector) == ('DROPPED', 'no_checkpoint')


# As standby


def test_a_standby_runs_in_the_shadow_and_publishes_nothing(make, store, outlet, make_job, until):
    node = make(store, percent=100.0)
    node.inference.queue.put(make_job(1))
    until(lambda: node.inference.shadow.runs > 1, 'two shadow runs')
    assert (outlet.published, outlet.reports, node.logs) == ([], [], [])
    assert not node.marks().in_flight


def test_a_standby_heals_its_weights_and_says_so(make, store, make_job, until):
    node = make(store, percent=100.0)
    with torch.no_grad():
        node.model.weights['backbone.0.weight'].view(-1)[3] += 1.0
    node.inference.queue.put(make_job(1))
    until(lambda: node.inference.shadow.runs > 0, 'a good shadow run')
    (said,) = node.logs
    assert said == (
        "in a shadow run: stage 'decode': weight_checksum: checksum differs: "
        'backbone.0.weight; clean weights are back'
    )


def test_a_standby_without_clean_weights_says_so_again_and_again(
    make, store, make_job, load_tiny_model, until
):
    loads: list[int] = []

    def load() -> StagedModel:
        loads.append(1)
        if len(loads) > 1:
            raise ValueError('no such file')
        return load_tiny_model()

    node = make(store, percent=100.0, load=load)
    with golden_path(store, node.model.digest()).open('r+b') as golden:
        byte = golden.read(1)[0]
        golden.seek(0)
        golden.write(bytes([byte ^ 1]))
    node.inference.queue.put(make_job(1))
    until(lambda: len(node.logs) > 1, 'two complaints')
    assert 'the model cannot be loaded: no such file' in node.logs[0]
    assert node.inference.shadow.runs == 0


def test_a_thread_without_work_promises_again_and_again_to_be_back(make, store, until):
    node = make(store)
    for _ in range(3):
        before = node.marks().due_ns
        until(lambda before=before: node.marks().due_ns > before, 'another promise')
    assert not node.marks().in_flight


def test_a_thread_without_work_can_keep_its_promise_however_short_the_deadlines():
    shortest = Deadlines(1, DeadlineOptions(floor_ns=1, ceiling_ns=1))
    assert shortest.short_ns >= 3 * BEAT_S * SECOND


def test_a_shadow_run_may_take_longer_than_the_wait_for_work(
    make, store, make_job, load_tiny_model, until
):
    promised: list[Progress] = []

    def load() -> StagedModel:
        model = load_tiny_model()
        neck = model.stages[2]

        def run(state):
            promised.append(ProgressMarks(NodeFile(store / 'b')).read())
            return neck.run(state)

        stages = (*model.stages[:2], replace(neck, run=run), model.stages[3])
        return replace(model, stages=stages)

    node = make(store, percent=100.0, load=load)
    promised.clear()  # of the warm-up
    begun_ns = time.monotonic_ns()
    node.inference.queue.put(make_job(1))
    until(lambda: promised, 'a shadow run')
    assert promised[0].since_ns >= begun_ns
    assert promised[0].due_ns - promised[0].since_ns >= SECOND


def test_stopped_in_good_order_it_promises_nothing_more(make, store):
    node = make(store)
    node.inference.stop()
    assert node.marks().due_ns == 0


# With a lost context of a GPU


@pytest.mark.parametrize('role', ['primary', 'standby'])
def test_a_lost_context_ends_the_process(make, store, make_job, monkeypatch, role):
    ended: list[int] = []
    monkeypatch.setattr('restage.nodes.lost_context.os._exit', ended.append)
    node = make(store, percent=100.0 if role == 'standby' else 0.0)
    failed: list[str] = []

    def run(state):
        failed.append('once')
        raise torch.AcceleratorError('CUDA error: device-side assert triggered')

    stage = node.model.stages[2]
    object.__setattr__(stage, 'run', run)
    node.inference.queue.put(make_job())
    if role == 'primary':
        node.inference.promote(Promotion(epoch=1, after=(0,)))
    until = time.monotonic() + DEADLINE_S
    while not ended and time.monotonic() < until:
        time.sleep(0.001)
    node.inference.stop()  # while its end is not a real one
    assert ended[:1] == [STATUS]
    assert any('backend_lost' in line for line in node.logs)
    if role == 'primary':
        # For the standby it is a frame in flight, as that of any process that died.
        assert failed == ['once']
