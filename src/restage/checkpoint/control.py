# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The store's control file: who owns the store, and which epoch may publish."""

from __future__ import annotations

from pathlib import Path

from restage.checkpoint.errors import StoreError
from restage.checkpoint.process import ProcessId
from restage.checkpoint.segment import LARGEST, create_file, identity, map_file, words_of

NAME = 'control'
_SIZE = 4096
_MAGIC = int.from_bytes(b'RSTGCTL1', 'little')
_MAGIC_WORD, _OWNER_PID, _OWNER_START, _EPOCH = range(4)
_HOST = slice(64, 64 + 256)


class Control:
    """
    The control file in the store folder, mapped.

    Fencing: a detection node compares its own epoch with ``epoch`` right before it publishes,
    so that a node that was replaced can never publish late. Whoever has it mapped holds a shared
    lock on it, which tells other containers that the store is used.
    """

    def __init__(self, folder: Path) -> None:
        """
        Open the control file in ``folder``.

        :raises StoreError: when it is missing or not a control file.
        """
        self._memory = map_file(folder / NAME, held=True)
        whole = len(self._memory) >= _SIZE
        self._words = words_of(self._memory, 0, _SIZE // 8 if whole else 0)
        if not whole or int(self._words[_MAGIC_WORD]) != _MAGIC:
            raise StoreError(f"'{folder / NAME}' is not a control file of a checkpoint store")
        self._file = identity(folder / NAME)

    def is_of(self, folder: Path) -> bool:
        """Return whether ``folder`` still has this file, not that of a store made anew."""
        return identity(folder / NAME) == self._file

    @classmethod
    def create(cls, folder: Path) -> Control:
        """Make a new control file in ``folder``, owned by this process."""
        create_file(folder / NAME, _SIZE)
        words_of(map_file(folder / NAME), 0, 1)[0] = _MAGIC
        control = cls(folder)
        control.take_over()
        return control

    @property
    def owner(self) -> ProcessId:
        """The process that owns the store."""
        return ProcessId(int(self._words[_OWNER_PID]), int(self._words[_OWNER_START]))

    @property
    def host(self) -> str:
        """Where the owner's process id means something; empty until that is said."""
        return self._memory[_HOST].rstrip(b'\0').decode(errors='replace')

    @host.setter
    def host(self, value: str) -> None:
        size = _HOST.stop - _HOST.start
        self._memory[_HOST] = value.encode()[:size].ljust(size, b'\0')

    def take_over(self) -> None:
        """Make this process the owner."""
        own = ProcessId.own()
        self._words[_OWNER_PID] = own.pid
        self._words[_OWNER_START] = own.start_ticks

    def sign_off(self) -> None:
        """Note that the owner is done with the store, if it is this process."""
        if self.owner == ProcessId.own():
            self._words[_OWNER_PID] = 0

    @property
    def epoch(self) -> int:
        """The epoch that may publish; 0 before the first promotion."""
        return int(self._words[_EPOCH]) & LARGEST

    @epoch.setter
    def epoch(self, value: int) -> None:
        self._words[_EPOCH] = value
