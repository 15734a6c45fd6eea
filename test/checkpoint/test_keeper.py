# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the inference thread keeps of a frame, and what its marks say of it at any moment."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from restage.checkpoint.control import Control
from restage.checkpoint.errors import NoCheckpointError, StoreError
from restage.checkpoint.keeper import Keeper, MemoryKeeper, StoreKeeper
from restage.checkpoint.nodefile import NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.process import ProcessId
from restage.checkpoint.progress import FaultNote, FrameState, Progress, ProgressMarks
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter
from restage.detect.deadlines import RELEARN, DeadlineOptions, Deadlines

PLAN = Plan(tuple(Slot(name, 1024) for name in ('image', 'x', 'c')), ('a', 'b', 'c'))
LIVE = {-1: ('image',), 0: ('x',), 1: ('x', 'c')}
STAMP = 1_000
LAST = 62
DEADLINES = DeadlineOptions(floor_ns=1_000_000, ceiling_ns=700_000_000)


def live_after(boundary: int) -> tuple[str, ...]:
    return LIVE[boundary]


def tensors(boundary: int, value: float = 0.0) -> dict[str, torch.Tensor]:
    return {name: torch.full((4,), value) for name in LIVE[boundary]}


@pytest.fixture
def file(tmp_path: Path) -> NodeFile:
    create_node_file(tmp_path / 'node', 1024 * 1024)
    return NodeFile(tmp_path / 'node')


@pytest.fixture
def deadlines() -> Deadlines:
    """Those of the three stages, which know no times yet."""
    return Deadlines(3, DEADLINES)


@pytest.fixture
def store_keeper(file: NodeFile, deadlines: Deadlines) -> StoreKeeper:
    writer = CheckpointWriter(file, PLAN)
    return StoreKeeper(writer, CheckpointReader(file), deadlines)


@pytest.fixture(params=['memory', 'store'])
def keeper(request: pytest.FixtureRequest) -> Keeper:
    if request.param == 'memory':
        return MemoryKeeper()
    return request.getfixturevalue('store_keeper')


def other_process(file: NodeFile) -> NodeFile:
    """The file as another process maps it."""
    return NodeFile(file.path)


def seen(file: NodeFile) -> Progress:
    return ProgressMarks(other_process(file)).read()


# Both keepers


def test_a_frame_that_was_just_begun_has_no_checkpoint(keeper: Keeper) -> None:
    keeper.begin(STAMP, 'front', 1)
    assert keeper.latest(STAMP, LAST) is None
    with pytest.raises(NoCheckpointError, match=f'frame {STAMP}'):
        keeper.restore(STAMP, live_after, LAST)


def test_the_latest_boundary_is_restored_and_an_earlier_one_on_request(keeper: Keeper) -> None:
    keeper.begin(STAMP, 'front', 1)
    for boundary in LIVE:
        keeper.commit(boundary, tensors(boundary))
        assert keeper.latest(STAMP, LAST) == boundary
    assert [keeper.latest(STAMP, most) for most in (-2, -1, 0, 1)] == [None, -1, 0, 1]
    restored = keeper.restore(STAMP, live_after, LAST)
    assert (restored.boundary, set(restored.tensors)) == (1, {'x', 'c'})
    restored = keeper.restore(STAMP, live_after, 0)
    assert (restored.boundary, set(restored.tensors)) == (0, {'x'})
    assert keeper.latest(STAMP, LAST) == 0  # what lay behind is taken back


def test_between_two_boundaries_the_earlier_one_is_restored(keeper: Keeper) -> None:
    keeper.begin(STAMP, 'front', 1)
    keeper.commit(-1, tensors(-1))
    keeper.commit(1, tensors(1))
    assert keeper.latest(STAMP, 0) == -1
    assert keeper.restore(STAMP, live_after, 0).boundary == -1


def test_signs_of_life_change_no_checkpoint(keeper: Keeper) -> None:
    keeper.begin(STAMP, 'front', 1)
    keeper.commit(0, tensors(0))
    keeper.done(0, 1_000)
    keeper.state(FrameState.WAITING, 5_000)
    keeper.idle()
    keeper.stopped()
    assert keeper.latest(STAMP, LAST) == 0
    assert set(keeper.restore(STAMP, live_after, LAST).tensors) == {'x'}


@pytest.mark.parametrize('at_most', [0, -1])
def test_what_was_taken_back_is_made_anew(keeper: Keeper, at_most: int) -> None:
    keeper.begin(STAMP, 'front', 1)
    for boundary in LIVE:
        keeper.commit(boundary, tensors(boundary, 1.0))
    state = keeper.restore(STAMP, live_after, at_most).tensors
    for boundary in range(at_most + 1, 2):
        state = {**tensors(boundary, 2.0), **state}
        keeper.commit(boundary, {name: state[name] for name in LIVE[boundary]})
    restored = keeper.restore(STAMP, live_after, LAST)
    assert restored.boundary == 1
    assert float(restored.tensors['c'][0]) == 2.0
    assert float(restored.tensors['x'][0]) == (1.0 if at_most == 0 else 2.0)


def test_with_no_boundary_left_everything_is_taken_back(keeper: Keeper) -> None:
    keeper.begin(STAMP, 'front', 1)
    for boundary in (0, 1):
        keeper.commit(boundary, tensors(boundary, 1.0))
    with pytest.raises(NoCheckpointError):
        keeper.restore(STAMP, live_after, -1)
    assert keeper.latest(STAMP, LAST) is None
    for boundary in (0, 1):
        keeper.commit(boundary, tensors(boundary, 2.0))
    restored = keeper.restore(STAMP, live_after, LAST)
    assert restored.boundary == 1
    for tensor in restored.tensors.values():
        assert torch.equal(tensor, torch.full((4,), 2.0))


def test_the_next_frame_does_not_get_the_last_ones_checkpoints(keeper: Keeper) -> None:
    keeper.begin(STAMP, 'front', 1)
    keeper.commit(0, tensors(0, 1.0))
    keeper.ended()
    keeper.begin(STAMP + 1, 'front', 1)
    assert keeper.latest(STAMP + 1, LAST) is None
    keeper.commit(0, tensors(0, 2.0))
    assert float(keeper.restore(STAMP + 1, live_after, LAST).tensors['x'][0]) == 2.0


def test_another_frame_than_the_one_in_work_has_no_checkpoint(keeper: Keeper) -> None:
    keeper.begin(STAMP, 'front', 1)
    keeper.commit(0, tensors(0))
    assert keeper.latest(STAMP + 1, LAST) is None
    with pytest.raises(NoCheckpointError):
        keeper.restore(STAMP + 1, live_after, LAST)


def test_a_restored_state_can_be_changed_without_changing_the_checkpoint(keeper: Keeper) -> None:
    keeper.begin(STAMP, 'front', 1)
    keeper.commit(0, tensors(0))
    del keeper.restore(STAMP, live_after, LAST).tensors['x']
    assert set(keeper.restore(STAMP, live_after, LAST).tensors) == {'x'}


# The store


def test_a_tensor_that_outgrew_its_slot_leaves_the_boundary_before_valid(
    store_keeper: StoreKeeper,
) -> None:
    store_keeper.begin(STAMP, 'front', 1)
    store_keeper.commit(0, tensors(0, 1.0))
    with pytest.raises(StoreError, match="tensor 'c' has 4096 bytes"):
        store_keeper.commit(1, {**tensors(0, 1.0), 'c': torch.zeros(1024)})
    assert store_keeper.latest(STAMP, LAST) == 0
    assert store_keeper.restore(STAMP, live_after, LAST).boundary == 0


def test_what_one_process_keeps_another_restores(store_keeper: StoreKeeper, file: NodeFile) -> None:
    store_keeper.begin(STAMP, 'front', 4)
    store_keeper.stage(0, 7)
    store_keeper.commit(0, tensors(0, 3.0))
    other = other_process(file)
    restored = CheckpointReader(other).restore(STAMP, live_after, at_most=LAST)
    assert float(restored.tensors['x'][0]) == 3.0
    marks = ProgressMarks(other)
    assert marks.frame_id() == 'front'
    assert (marks.read().epoch, marks.read().in_flight) == (4, True)
    store_keeper.ended()
    assert not marks.read().in_flight


def test_a_fault_is_noted_where_it_outlives_the_process(
    store_keeper: StoreKeeper, file: NodeFile
) -> None:
    marks = ProgressMarks(other_process(file))
    assert marks.fault() is None
    for note in (FaultNote('f1', 'nn.neuron.nan', 5), FaultNote('f2', 'proc.kill', 6)):
        store_keeper.note_fault(note)
        assert marks.fault() == note
    store_keeper.begin(STAMP, 'front', 1)
    assert marks.fault() == FaultNote('f2', 'proc.kill', 6)


def test_who_attaches_anew_finds_nothing_of_its_predecessor(
    store_keeper: StoreKeeper, file: NodeFile
) -> None:
    store_keeper.begin(STAMP, 'front', 1)
    store_keeper.commit(0, tensors(0))
    store_keeper.note_fault(FaultNote('f1', 'nn.neuron.nan', 5))
    CheckpointWriter(other_process(file), PLAN)
    marks = ProgressMarks(other_process(file))
    assert (marks.read().stamp_ns, marks.read().in_flight, marks.read().since_ns) == (0, False, 0)
    assert (marks.fault(), marks.frame_id()) == (None, '')
    assert CheckpointReader(file).boundaries(STAMP) == []


# Progress marks


def test_a_file_without_a_frame_has_none_in_flight(file: NodeFile) -> None:
    CheckpointWriter(file, PLAN)
    assert seen(file) == Progress(FrameState.IDLE, 0, 0, 0, 0, 0, 0)
    assert not seen(file).in_flight


def test_a_frame_is_in_flight_from_its_beginning_to_its_end_in_every_state(
    store_keeper: StoreKeeper, file: NodeFile
) -> None:
    for stamp in (STAMP, STAMP + 1):
        store_keeper.begin(stamp, 'front', 2)
        assert seen(file).in_flight
        for act in (
            lambda: store_keeper.stage(0, 1),
            lambda: store_keeper.state(FrameState.WAITING),
            lambda: store_keeper.stage(0, 2),
            lambda: store_keeper.state(FrameState.PUBLISHING),
        ):
            act()
            assert seen(file).in_flight
            assert seen(file).stamp_ns == stamp
        store_keeper.ended()
        assert not seen(file).in_flight
        assert (seen(file).stamp_ns, seen(file).ended_ns) == (stamp, stamp)
    assert seen(file).frames == 2


def test_the_time_since_is_that_of_the_frame_then_of_each_stage_and_state(
    store_keeper: StoreKeeper, file: NodeFile
) -> None:
    before_ns = time.monotonic_ns()
    store_keeper.begin(STAMP, 'front', 1)
    begun_ns = seen(file).since_ns
    assert before_ns <= begun_ns <= time.monotonic_ns()
    started_ns = time.monotonic_ns()
    store_keeper.stage(1, started_ns)
    assert (seen(file).stage, seen(file).since_ns) == (1, started_ns)
    assert seen(file).state is FrameState.RUNNING
    for state in (FrameState.WAITING, FrameState.PUBLISHING):
        before_ns = time.monotonic_ns()
        store_keeper.state(state)
        assert seen(file).state is state
        assert before_ns <= seen(file).since_ns <= time.monotonic_ns()


def test_every_mark_promises_by_when_the_next_one_comes(
    store_keeper: StoreKeeper, deadlines: Deadlines, file: NodeFile
) -> None:
    def promised_within_ns(act: Callable[[], None]) -> tuple[int, int]:
        """The least and the most that the promise may reach beyond ``act``."""
        before_ns = time.monotonic_ns()
        act()
        after_ns = time.monotonic_ns()
        due_ns = seen(file).due_ns
        return due_ns - after_ns, due_ns - before_ns

    assert seen(file).due_ns == 0  # nothing is promised before the thread lives
    least, most = promised_within_ns(store_keeper.idle)
    assert least <= deadlines.short_ns <= most
    least, most = promised_within_ns(lambda: store_keeper.begin(STAMP, 'front', 1))
    assert least <= deadlines.longest_ns <= most
    store_keeper.stage(1, 5_000)
    assert seen(file).due_ns == 5_000 + deadlines.of(1)
    for state, within_ns in ((FrameState.WAITING, 300_000_000_000), (FrameState.PUBLISHING, 0)):
        store_keeper.state(state, within_ns)
        assert seen(file).due_ns == seen(file).since_ns + within_ns + deadlines.short_ns
    store_keeper.ended()
    assert seen(file).due_ns > 0  # until the thread says that it waits for work
    store_keeper.stopped()
    assert seen(file).due_ns == 0


def test_a_stage_is_due_by_what_was_learned_of_it_and_of_no_other(
    store_keeper: StoreKeeper, deadlines: Deadlines, file: NodeFile
) -> None:
    for _ in range(RELEARN):
        store_keeper.done(2, 10_000_000)
    assert deadlines.of(2) < deadlines.of(1) == DEADLINES.ceiling_ns
    for stage in (1, 2):
        store_keeper.stage(stage, 1_000)
        assert seen(file).due_ns == 1_000 + deadlines.of(stage)


def test_the_marks_tell_the_epoch_in_which_the_node_was_promoted(
    store_keeper: StoreKeeper, file: NodeFile
) -> None:
    store_keeper.promoted(7)
    assert (seen(file).epoch, seen(file).in_flight) == (7, False)


def test_a_long_frame_id_is_cut_and_a_damaged_state_is_still_one(file: NodeFile) -> None:
    marks = CheckpointWriter(file, PLAN).marks
    marks.frame(STAMP, 'ü' * 200, 1)
    assert ProgressMarks(file).frame_id().startswith('ü' * 127)
    file.progress[0] = 99
    assert marks.read().state is FrameState.PUBLISHING


class Killed(BaseException):
    """Ends the writer, as a signal would."""


class Words:
    """The marks of a process that is killed after so many stores."""

    def __init__(self, words: Any, stores: int) -> None:
        self.left = stores
        self._words = words

    def __getitem__(self, key: Any) -> Any:
        return self._words[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1
        self._words[key] = value


def killed_at_every_store(file: NodeFile, act: Callable[[ProgressMarks], None]) -> list[Progress]:
    """
    What another process reads for each store that ``act`` does not come to.

    Before it frame 1 of epoch 3 was ended and frame 2 of that epoch was being published.
    """
    readings = []
    for stores in range(100):
        marks = CheckpointWriter(file, PLAN).marks
        marks.frame(1, 'front', 3)
        marks.ended()
        marks.frame(2, 'front', 3)
        marks.stage(5, 1, 101)
        marks.state(FrameState.PUBLISHING, 2, 102)
        mortal = other_process(file)
        words = Words(mortal.progress, stores)
        mortal.progress = words  # type: ignore[assignment]
        try:
            act(ProgressMarks(mortal))
        except Killed:
            readings.append(seen(file))
        else:
            assert readings, 'nothing was stored'
            assert words.left == 0
            return readings
    raise AssertionError('no end of stores')


def test_killed_while_it_ends_a_frame_it_is_never_idle_with_a_frame_in_flight(
    file: NodeFile,
) -> None:
    readings = killed_at_every_store(file, lambda marks: marks.ended())
    # In flight with another state than PUBLISHING its detections would not be waited for.
    assert [(r.in_flight, r.state) for r in readings] == [
        (True, FrameState.PUBLISHING),
        (False, FrameState.PUBLISHING),
    ]


def test_killed_while_it_begins_a_frame_it_has_either_none_or_this_one_in_flight(
    file: NodeFile,
) -> None:
    def act(marks: ProgressMarks) -> None:
        marks.ended()
        marks.frame(3, 'rear', 4)
        marks.stage(0, 9, 109)

    begun_ns = time.monotonic_ns()
    readings = killed_at_every_store(file, act)
    assert {(r.in_flight, r.stamp_ns) for r in readings} == {(True, 2), (False, 2), (True, 3)}
    for reading in readings:
        if reading.stamp_ns == 3:
            assert (reading.epoch, reading.stage, reading.frames) == (4, 0, 3)
            assert reading.since_ns == 9 or reading.since_ns >= begun_ns
            assert reading.state in (FrameState.IDLE, FrameState.RUNNING)


def test_killed_while_it_changes_its_state_the_time_is_never_that_of_the_state_before(
    file: NodeFile,
) -> None:
    def act(marks: ProgressMarks) -> None:
        marks.state(FrameState.WAITING, 10, 110)
        marks.stage(6, 20, 120)

    readings = killed_at_every_store(file, act)
    assert {reading.due_ns for reading in readings} == {102, 110}
    for reading in readings:
        assert reading.in_flight
        since = {FrameState.PUBLISHING: 2, FrameState.WAITING: 10, FrameState.RUNNING: 20}
        assert reading.since_ns >= since[reading.state]


def test_killed_while_it_notes_a_fault_the_note_is_one_of_the_two_or_none(file: NodeFile) -> None:
    first, second = FaultNote('f1', 'nn.neuron.nan', 5), FaultNote('f2', 'proc.kill', 6)
    notes = []
    for stores in range(3):
        marks = CheckpointWriter(file, PLAN).marks
        marks.note_fault(first)
        mortal = other_process(file)
        mortal.progress = Words(mortal.progress, stores)  # type: ignore[assignment]
        with contextlib.suppress(Killed):
            ProgressMarks(mortal).note_fault(second)
        notes.append(ProgressMarks(other_process(file)).fault())
    assert notes == [first, None, second]


# The control file


def test_who_signs_off_is_no_owner_and_no_writer_any_more(tmp_path: Path, file: NodeFile) -> None:
    control = Control.create(tmp_path)
    CheckpointWriter(file, PLAN)
    control.epoch = 7
    control.sign_off()
    file.sign_off()
    assert Control(tmp_path).owner.pid == 0
    assert not Control(tmp_path).owner.alive()
    assert Control(tmp_path).epoch == 7
    assert other_process(file).process.pid == 0


def test_nobody_signs_another_process_off(tmp_path: Path, file: NodeFile) -> None:
    control = Control.create(tmp_path)
    control._words[1:3] = 1, 1  # another process made it
    control.sign_off()
    assert control.owner == ProcessId(1, 1)
    CheckpointWriter(file, PLAN)
    file._header[2:4] = 1, 1
    file.sign_off()
    assert file.process == ProcessId(1, 1)


def test_a_new_control_file_belongs_to_its_maker_and_no_epoch_may_publish(tmp_path: Path) -> None:
    control = Control.create(tmp_path)
    assert control.owner == ProcessId.own()
    assert control.epoch == 0
    assert (tmp_path / 'control').stat().st_mode & 0o777 == 0o600


def test_an_epoch_is_seen_by_everybody_who_has_the_control_file_open(tmp_path: Path) -> None:
    control, other = Control.create(tmp_path), Control(tmp_path)
    control.epoch = 7
    assert other.epoch == 7
    assert Control(tmp_path).epoch == 7


def test_whoever_takes_over_keeps_the_epoch(tmp_path: Path) -> None:
    control = Control.create(tmp_path)
    control.epoch = 7
    control._words[1:3] = 1, 1  # another process made it
    assert control.owner == ProcessId(1, 1)
    other = Control(tmp_path)
    other.take_over()
    assert control.owner == ProcessId.own()
    assert control.epoch == 7


def test_what_is_no_control_file_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r'cannot open the checkpoint store .*control'):
        Control(tmp_path)
    (tmp_path / 'control').write_bytes(bytes(4096))
    with pytest.raises(StoreError, match=r'control. is not a control file of a checkpoint store'):
        Control(tmp_path)
    with pytest.raises(StoreError, match='cannot make the checkpoint store'):
        Control.create(tmp_path)
