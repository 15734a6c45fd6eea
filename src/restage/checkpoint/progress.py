# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Progress marks of a detection node: what it is doing, readable after it died."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from restage.cameras import MOST_CAMERAS
from restage.checkpoint.nodefile import (
    FRAME_ID_BYTES,
    FRAME_ID_OFFSET,
    NOTE_BYTES,
    NOTE_OFFSET,
    NodeFile,
)
from restage.checkpoint.segment import LARGEST

(_STATE, _STAMP, _ENDED, _STAGE, _STARTED, _EPOCH, _COUNT, _DUE, _INJECTED) = range(9)
_CAMERA, _HEADER = 9, 10
# The last frame of each camera that was ended.
_ENDED_OF = slice(16, 16 + MOST_CAMERAS)


class FrameState(IntEnum):
    """
    What the node does with the frame in its progress marks.

    IDLE → RUNNING → (WAITING → RUNNING)* → PUBLISHING → IDLE.
    """

    IDLE = 0
    RUNNING = 1
    WAITING = 2
    PUBLISHING = 3


@dataclass(frozen=True)
class Progress:
    """
    One reading of the marks. Times on CLOCK_MONOTONIC, ns.

    ``since_ns``: when the stage, or the state after it, began. ``due_ns``: by when the inference
    thread has promised its next mark; 0: it has promised nothing. ``ended_of``: the last frame
    that was ended, of each camera.
    """

    state: FrameState
    stamp_ns: int
    ended_ns: int
    stage: int
    since_ns: int
    epoch: int
    frames: int
    due_ns: int = 0
    ended_of: tuple[int, ...] = (0,) * MOST_CAMERAS

    @property
    def in_flight(self) -> bool:
        """Whether the frame ``stamp_ns`` was begun and not ended."""
        return self.stamp_ns != self.ended_ns


@dataclass(frozen=True)
class FaultNote:
    """The last fault that fired in the node."""

    fault_id: str
    kind: str
    injected_ns: int


class ProgressMarks:
    """The marks in a node's file; a store to each is one aligned 8-byte write."""

    def __init__(self, file: NodeFile) -> None:
        """Use the marks in ``file``."""
        self._file = file
        self._words: NDArray[np.uint64] = file.progress
        self._frame_id = ''

    def frame(
        self, stamp_ns: int, frame_id: str, epoch: int, *, camera: int = 0, header_ns: int = 0
    ) -> None:
        """Note that work on a frame starts; the stamp, one word, is what makes it so."""
        words = self._words
        if frame_id != self._frame_id:
            self._put_text(FRAME_ID_OFFSET, FRAME_ID_BYTES, frame_id)
            self._frame_id = frame_id
        words[_CAMERA] = camera
        words[_HEADER] = header_ns
        words[_EPOCH] = epoch
        words[_STAGE] = 0
        words[_STARTED] = time.monotonic_ns()
        words[_COUNT] += np.uint64(1)
        words[_STAMP] = stamp_ns

    def ended(self) -> None:
        """Note that the frame in work was published or given up."""
        words = self._words
        words[_ENDED_OF][int(words[_CAMERA])] = words[_STAMP]
        words[_ENDED] = words[_STAMP]
        words[_STATE] = FrameState.IDLE

    def stage(self, index: int, now_ns: int, due_ns: int) -> None:
        """Note that a stage starts, and when it is to end at the latest."""
        words = self._words
        words[_STARTED] = now_ns
        words[_STAGE] = index
        words[_STATE] = FrameState.RUNNING
        words[_DUE] = due_ns

    def state(self, state: FrameState, now_ns: int, due_ns: int) -> None:
        """Note another state of the frame in work, begun at ``now_ns``."""
        self._words[_STARTED] = now_ns
        self._words[_STATE] = state
        self._words[_DUE] = due_ns

    def promoted(self, epoch: int) -> None:
        """Note the epoch in which the node is primary."""
        self._words[_EPOCH] = epoch

    def promise(self, due_ns: int) -> None:
        """Promise the next mark by ``due_ns``; 0: promise nothing more."""
        self._words[_DUE] = due_ns

    def note_fault(self, note: FaultNote) -> None:
        """Keep ``note``; the injection time is written last and makes it valid."""
        self._words[_INJECTED] = 0
        self._put_text(NOTE_OFFSET, NOTE_BYTES, f'{note.fault_id}\n{note.kind}')
        self._words[_INJECTED] = note.injected_ns

    def read(self) -> Progress:
        """Return the marks as they are now."""
        words = [int(word) & LARGEST for word in self._words[:_INJECTED]]
        return Progress(
            FrameState(min(words[_STATE], FrameState.PUBLISHING)),
            words[_STAMP],
            words[_ENDED],
            words[_STAGE],
            words[_STARTED],
            words[_EPOCH],
            words[_COUNT],
            words[_DUE],
            tuple(word & LARGEST for word in self._words[_ENDED_OF].tolist()),
        )

    def fault(self) -> FaultNote | None:
        """Return the last fault that fired, or None."""
        injected = int(self._words[_INJECTED]) & LARGEST
        if injected == 0:
            return None
        fault_id, _, kind = self._text(NOTE_OFFSET, NOTE_BYTES).partition('\n')
        return FaultNote(fault_id, kind, injected)

    def camera(self) -> int:
        """Return the number of the camera of the frame in work."""
        return int(self._words[_CAMERA])

    def header_ns(self) -> int:
        """Return the stamp in the header of the frame in work; 0: it is the frame's key."""
        return int(self._words[_HEADER]) & LARGEST

    def frame_id(self) -> str:
        """Return the ``frame_id`` of the header of the frame in work."""
        return self._text(FRAME_ID_OFFSET, FRAME_ID_BYTES)

    def _put_text(self, offset: int, room: int, text: str) -> None:
        raw = text.encode()[: room - 1] + b'\0'
        self._file.memory[offset : offset + len(raw)] = raw

    def _text(self, offset: int, room: int) -> str:
        raw = self._file.memory[offset : offset + room].split(b'\0', 1)[0]
        return raw.decode(errors='replace')
