# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where the inference thread keeps its checkpoints: the shared store, or its own memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import torch

from restage.checkpoint.boundaries import NO_CHECKPOINT
from restage.checkpoint.errors import NoCheckpointError
from restage.checkpoint.progress import FaultNote, FrameState, ProgressMarks
from restage.checkpoint.reader import CheckpointReader, Restored
from restage.checkpoint.writer import CheckpointWriter
from restage.detect.deadlines import Deadlines

LiveAfter = Callable[[int], Iterable[str]]


class Keeper(Protocol):
    """
    What the frame engine needs of a checkpoint store.

    ``commits``: boundaries made valid so far; ``committed_ns``: when the last one was
    (CLOCK_MONOTONIC), 0: never.
    """

    commits: int
    committed_ns: int

    def begin(
        self, stamp_ns: int, frame_id: str, epoch: int, *, camera: int = 0, header_ns: int = 0
    ) -> None:
        """Start a frame."""

    def stage(self, index: int, now_ns: int) -> None:
        """Note that a stage starts."""

    def done(self, index: int, spent_ns: int) -> None:
        """Note that a stage went well."""

    def state(self, state: FrameState, within_ns: int = 0) -> None:
        """Note what the frame waits for, and that this takes ``within_ns`` at the most."""

    def idle(self) -> None:
        """Note that the thread waits for work and lives; again before the short deadline ends."""

    def stopped(self) -> None:
        """Note that the thread ends in good order."""

    def promoted(self, epoch: int) -> None:
        """Note the epoch in which the node is primary."""

    def commit(self, boundary: int, tensors: Mapping[str, torch.Tensor]) -> None:
        """Make a boundary valid."""

    def latest(self, stamp_ns: int, at_most: int) -> int | None:
        """Return the latest boundary of the frame, up to ``at_most``, that was committed."""

    def restore(self, stamp_ns: int, live_after: LiveAfter, at_most: int) -> Restored:
        """Return the latest whole boundary up to ``at_most``; what lies behind is taken back."""

    def ended(self) -> None:
        """Note that the frame was published or given up."""

    def note_fault(self, note: FaultNote) -> None:
        """Keep a record of an injected fault that outlives this process."""


class StoreKeeper:
    """Keep checkpoints in the shared store."""

    def __init__(
        self, writer: CheckpointWriter, reader: CheckpointReader, deadlines: Deadlines
    ) -> None:
        """Write with ``writer`` and read back with ``reader``, of the same file."""
        self._deadlines = deadlines
        self._writer = writer
        self._reader = reader
        self._marks: ProgressMarks = writer.marks
        self.commits = self.committed_ns = 0
        self._made: dict[str, int] = {}

    def begin(
        self, stamp_ns: int, frame_id: str, epoch: int, *, camera: int = 0, header_ns: int = 0
    ) -> None:
        """Start a frame."""
        self._made.clear()
        self._writer.begin_frame(stamp_ns)
        self._marks.promise(time.monotonic_ns() + self._deadlines.longest_ns)
        self._marks.frame(stamp_ns, frame_id, epoch, camera=camera, header_ns=header_ns)

    def stage(self, index: int, now_ns: int) -> None:
        """Note that a stage starts, and by when it is to end."""
        self._marks.stage(index, now_ns, now_ns + self._deadlines.of(index))

    def done(self, index: int, spent_ns: int) -> None:
        """Learn how long the stage takes when all is well."""
        self._deadlines.learn(index, spent_ns)

    def state(self, state: FrameState, within_ns: int = 0) -> None:
        """Note what the frame waits for, and by when that is to end."""
        now = time.monotonic_ns()
        self._marks.state(state, now, now + within_ns + self._deadlines.short_ns)

    def idle(self) -> None:
        """Promise to be here again soon."""
        self._marks.promise(time.monotonic_ns() + self._deadlines.short_ns)

    def stopped(self) -> None:
        """Promise nothing more."""
        self._marks.promise(0)

    def promoted(self, epoch: int) -> None:
        """Note the epoch in which the node is primary."""
        self._marks.promoted(epoch)

    def commit(self, boundary: int, tensors: Mapping[str, torch.Tensor]) -> None:
        """Make a boundary valid."""
        for name in tensors:
            self._made.setdefault(name, boundary)
        self._writer.commit(boundary, tensors)
        self.commits += 1
        self.committed_ns = time.monotonic_ns()

    def latest(self, stamp_ns: int, at_most: int) -> int | None:
        """Return the latest boundary of the frame, up to ``at_most``, that was committed."""
        made = self._reader.boundaries(stamp_ns)
        return next((boundary for boundary in made if boundary <= at_most), None)

    def restore(self, stamp_ns: int, live_after: LiveAfter, at_most: int) -> Restored:
        """Return the latest whole boundary up to ``at_most``; what lies behind is taken back."""
        try:
            # Views: what is restored is not made anew within the frame, unless a further retry
            # takes it back, and then nobody computes with it any more.
            restored = self._reader.restore(stamp_ns, live_after, at_most=at_most, copy=False)
        except NoCheckpointError:
            # The frame starts anew: nothing of its first run may stay valid.
            self._writer.rewind(NO_CHECKPOINT, list(self._made))
            self._made.clear()
            raise
        late = [name for name, made in self._made.items() if made > restored.boundary]
        for name in late:
            del self._made[name]
        self._writer.rewind(restored.boundary, late)
        return restored

    def ended(self) -> None:
        """Note that the frame was published or given up."""
        self._marks.ended()

    def note_fault(self, note: FaultNote) -> None:
        """Keep a record of an injected fault that outlives this process."""
        self._marks.note_fault(note)


class MemoryKeeper:
    """Keep references to the tensors in this process: for a node without a recovery node."""

    def __init__(self, deadlines: Deadlines | None = None) -> None:
        """Let ``deadlines``, if given, learn the times: here they are only looked at."""
        self._deadlines = deadlines
        self.commits = self.committed_ns = 0
        self._stamp = 0
        self._boundaries: dict[int, dict[str, torch.Tensor]] = {}

    def begin(
        self,
        stamp_ns: int,
        frame_id: str,  # noqa: ARG002
        epoch: int,  # noqa: ARG002
        *,
        camera: int = 0,  # noqa: ARG002
        header_ns: int = 0,  # noqa: ARG002
    ) -> None:
        """Start a frame."""
        self._stamp = stamp_ns
        self._boundaries.clear()

    def stage(self, index: int, now_ns: int) -> None:
        """Do nothing: nobody watches."""

    def done(self, index: int, spent_ns: int) -> None:
        """Note how long the stage took."""
        if self._deadlines is not None:
            self._deadlines.learn(index, spent_ns)

    def state(self, state: FrameState, within_ns: int = 0) -> None:
        """Do nothing: nobody watches."""

    def idle(self) -> None:
        """Do nothing: nobody watches."""

    def stopped(self) -> None:
        """Do nothing: nobody watches."""

    def promoted(self, epoch: int) -> None:
        """Do nothing: nobody watches."""

    def commit(self, boundary: int, tensors: Mapping[str, torch.Tensor]) -> None:
        """Make a boundary valid."""
        self._boundaries[boundary] = dict(tensors)
        self.commits += 1
        self.committed_ns = time.monotonic_ns()

    def latest(self, stamp_ns: int, at_most: int) -> int | None:
        """Return the latest boundary of the frame, up to ``at_most``, that was committed."""
        if stamp_ns != self._stamp:
            return None
        return max((made for made in self._boundaries if made <= at_most), default=None)

    def restore(self, stamp_ns: int, live_after: LiveAfter, at_most: int) -> Restored:  # noqa: ARG002
        """Return the latest boundary up to ``at_most``; what lies behind is forgotten."""
        for boundary in [made for made in self._boundaries if made > at_most]:
            del self._boundaries[boundary]
        latest = self.latest(stamp_ns, at_most)
        if latest is None:
            raise NoCheckpointError(f'no checkpoint of frame {stamp_ns} up to stage {at_most}')
        return Restored(latest, dict(self._boundaries[latest]))

    def ended(self) -> None:
        """Forget the frame."""
        self._boundaries.clear()

    def note_fault(self, note: FaultNote) -> None:
        """Do nothing: nobody watches."""
