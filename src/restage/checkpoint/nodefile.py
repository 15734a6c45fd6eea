# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One detection node's file in the store: header, progress, tables, two arenas of data.

All numbers are little-endian 8-byte words. There is one writer, the detection node; the recovery
node and the standby only read. Whatever makes a thing valid is written last, by one aligned
8-byte store, and is taken back first: a writer that dies anywhere leaves either the old or the
new, never a mixture that reads as valid. ``writer`` says how, and why that is enough.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

from restage.checkpoint.death_lock import DeathLock
from restage.checkpoint.errors import StoreError
from restage.checkpoint.process import ProcessId
from restage.checkpoint.segment import create_file, identity, map_file, words_of

MAGIC = int.from_bytes(b'RSTGNOD3', 'little')
MAX_SLOTS = 64
MAX_BOUNDARIES = 62
ENTRY_WORDS = 32

_PAGE = 4096
_HEADER = 4096
_PLAN = 16384
_ENTRIES = MAX_SLOTS * ENTRY_WORDS * 8
_HEAD = 1024
ARENA_TABLES = _HEAD + _ENTRIES
DATA = _HEADER + _PLAN + 2 * ARENA_TABLES

(_MAGIC, _READY, _PID, _START, _PLAN_BYTES, _PLAN_SUM) = range(6)
PROGRESS_WORD, PROGRESS_WORDS = 64, 64
NOTE_OFFSET, NOTE_BYTES = 2048, 512
FRAME_ID_OFFSET, FRAME_ID_BYTES = 2560, 256
_LOCK_OFFSET = 3072


@dataclass(frozen=True)
class Slot:
    """Room for one named tensor, in bytes."""

    name: str
    capacity: int


@dataclass(frozen=True)
class Plan:
    """
    What a node keeps: its slots, and its stages by name (for who reads without the model).

    ``model`` is the digest of its weights: a checkpoint of another model is of no use.
    """

    slots: tuple[Slot, ...]
    stages: tuple[str, ...]
    model: str = ''

    def text(self) -> bytes:
        """Return the plan as it is written to the file."""
        return json.dumps(asdict(self)).encode()

    def digest(self) -> int:
        """Return the 64-bit XXH3 of all of the plan."""
        return xxhash.xxh3_64_intdigest(self.text())

    def arena_bytes(self) -> int:
        """Return the size of one arena of data, slots aligned to 64 bytes."""
        return sum(_aligned(slot.capacity) for slot in self.slots)

    def offsets(self) -> dict[str, tuple[int, int, int]]:
        """Return slot number, offset in its arena and capacity of each slot."""
        table = {}
        offset = 0
        for number, slot in enumerate(self.slots):
            table[slot.name] = (number, offset, slot.capacity)
            offset += _aligned(slot.capacity)
        return table


def _aligned(size: int) -> int:
    return (size + 63) // 64 * 64


def head_word(arena: int) -> int:
    """Return the number of the first word of an arena's head, counted from the file's start."""
    return (_HEADER + _PLAN + arena * ARENA_TABLES) // 8


def entry_word(arena: int, slot: int) -> int:
    """Return the number of the first word of a slot's entry, counted from the file's start."""
    return head_word(arena) + _HEAD // 8 + slot * ENTRY_WORDS


def create_node_file(path: Path, capacity: int) -> None:
    """
    Make the file of one detection node with room for ``capacity`` bytes in all.

    :raises StoreError: when ``capacity`` is too small for the tables or /dev/shm is too full.
    """
    if capacity <= DATA:
        raise StoreError(f'store capacity {capacity} is too small; accepted: over {DATA} bytes')
    create_file(path, capacity)
    words_of(map_file(path), 0, 1)[0] = MAGIC


class NodeFile:
    """The mapped file and its parts."""

    def __init__(self, path: Path, *, private: bool = False) -> None:
        """
        Map ``path``; ``private``: for a reader, whose writes must not get into the file.

        :raises StoreError: when it is missing or not a node's file.
        """
        self.path = path
        self.private = private
        self.memory = map_file(path, private=private)
        if len(self.memory) < DATA:
            raise StoreError(f"'{path}' is not a checkpoint store of a detection node")
        file = identity(path)
        if file is None:
            raise StoreError(f"'{path}' was removed while it was opened")
        self._file = file
        self._header = words_of(self.memory, 0, _HEADER // 8)
        if int(self._header[_MAGIC]) != MAGIC:
            raise StoreError(f"'{path}' is not a checkpoint store of a detection node")
        self.progress: NDArray[np.uint64] = self._header[
            PROGRESS_WORD : PROGRESS_WORD + PROGRESS_WORDS
        ]
        self.heads = []
        self.entries = []
        for arena in (0, 1):
            self.heads.append(words_of(self.memory, 8 * head_word(arena), _HEAD // 8))
            table = words_of(self.memory, 8 * entry_word(arena, 0), _ENTRIES // 8)
            self.entries.append(table.reshape(MAX_SLOTS, ENTRY_WORDS))

    @property
    def process(self) -> ProcessId:
        """The writer; pid 0 before one attached."""
        return ProcessId(int(self._header[_PID]), int(self._header[_START]))

    def attach(self, plan: Plan) -> None:
        """
        Become the writer and lay the file out by ``plan``; whatever it held is gone.

        The calling thread holds the death lock from now on: call from the main thread.

        :raises StoreError: when ``plan`` needs more room than the file has, or this is a private
            mapping of it.
        """
        if self.private:
            raise StoreError(f"'{self.path}' is mapped privately: nobody would see what is written")
        text = plan.text()
        needed = DATA + 2 * plan.arena_bytes()
        if needed > len(self.memory):
            raise StoreError(
                f"the model's checkpoints need {needed} bytes but the store "
                f"'{self.path}' has {len(self.memory)}; raise store_capacity_mb"
            )
        if len(text) > _PLAN or len(plan.slots) > MAX_SLOTS or len(plan.stages) > MAX_BOUNDARIES:
            raise StoreError(
                f'{len(plan.slots)} tensors over {len(plan.stages)} stages are too many for the '
                f'store; accepted: {MAX_SLOTS} tensors, {MAX_BOUNDARIES} stages'
            )
        own = ProcessId.own()
        self._header[_READY] = 0
        for head, entries in zip(self.heads, self.entries, strict=True):
            head[:] = 0
            entries[:, 0] = 0
        self.progress[:] = 0
        text_end = FRAME_ID_OFFSET + FRAME_ID_BYTES
        self.memory[NOTE_OFFSET:text_end] = bytes(text_end - NOTE_OFFSET)
        self.memory[_HEADER : _HEADER + len(text)] = text
        self._header[_PLAN_BYTES] = len(text)
        self._header[_PLAN_SUM] = plan.digest()
        # A look at every page maps it: the first frame must not pay for hundreds of page faults.
        np.frombuffer(self.memory, np.uint8, needed)[::_PAGE].sum()
        # The lock first: whoever waits for the death of the process named here must not meet the
        # lock of the one before, which nobody may have taken over yet.
        self.death_lock().hold()
        self._header[_START] = own.start_ticks
        self._header[_PID] = own.pid
        self._header[_READY] = 1

    def death_lock(self) -> DeathLock:
        """Return the lock that the writer holds while it lives."""
        return DeathLock(self.memory, _LOCK_OFFSET, self._file)

    def sign_off(self) -> None:
        """Note that the writer is done with the store, if it is this process."""
        if self.process == ProcessId.own():
            self._header[_PID] = 0
            self.death_lock().release()

    def plan(self) -> Plan:
        """
        Return the plan the writer laid the file out by.

        :raises StoreError: when no writer has attached yet, or the plan is damaged.
        """
        if int(self._header[_READY]) != 1:
            raise StoreError(f"no detection node has attached to '{self.path}' yet")
        text = self.memory[_HEADER : _HEADER + min(int(self._header[_PLAN_BYTES]), _PLAN)]
        if xxhash.xxh3_64_intdigest(text) != int(self._header[_PLAN_SUM]):
            raise StoreError(f"the plan in '{self.path}' is damaged")
        try:
            data = json.loads(text)
            slots = tuple(Slot(str(slot['name']), int(slot['capacity'])) for slot in data['slots'])
            plan = Plan(slots, tuple(map(str, data['stages'])), str(data['model']))
        except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError) as error:
            what = f'{type(error).__name__}: {error}'
            raise StoreError(f"the plan in '{self.path}' is none: {what}") from None
        if (
            len(slots) > MAX_SLOTS
            or len(plan.stages) > MAX_BOUNDARIES
            or any(slot.capacity < 0 for slot in slots)
            or DATA + 2 * plan.arena_bytes() > len(self.memory)
        ):
            raise StoreError(f"the plan in '{self.path}' does not fit into it")
        return plan

    def data(self, arena: int, offset: int, size: int, plan: Plan) -> NDArray[np.uint8]:
        """Return ``size`` bytes at ``offset`` of an arena, as a view of the map."""
        start = DATA + arena * plan.arena_bytes() + offset
        return np.frombuffer(self.memory, np.uint8, size, start)
