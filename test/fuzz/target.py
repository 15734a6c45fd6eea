# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A reader of one kind of input, as a function of bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MESSAGE = 20_000

Read = Callable[[bytes, Path], object]


@dataclass(frozen=True)
class Target:
    """
    ``read`` raises ``refusals`` only; ``seeds`` are good inputs.

    ``form``: what they are made of, see ``changes``; '': bytes. ``folder``: for files.
    """

    read: Read
    refusals: tuple[type[Exception], ...]
    seeds: Callable[[Path], list[bytes]]
    form: str = ''

    def __call__(self, data: bytes, folder: Path) -> bool:
        """Return whether ``data`` was accepted."""
        try:
            self.read(data, folder)
        except self.refusals as error:
            message = str(error)
            assert message, f'{type(error).__name__} without a message'
            assert len(message) < LONGEST_MESSAGE, f'a message of {len(message)} characters'
            return False
        return True


class Bytes:
    """Numbers and texts out of bytes; beyond their end there are zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def take(self, count: int) -> bytes:
        found = self._data[self._place : self._place + count]
        self._place += count
        return found.ljust(count, b'\0')

    def number(self, kind: str) -> int | float:
        (found,) = struct.unpack(f'<{kind}', self.take(struct.calcsize(kind)))
        return found

    def integer(self, kind: str) -> int:
        return int(self.number(kind))

    def text(self) -> str:
        return self.take(self.integer('B')).decode('utf-8', 'replace').replace('\0', '')

    def rest(self) -> bytes:
        return self._data[self._place :]

    @property
    def ended(self) -> bool:
        return self._place >= len(self._data)

    def one_of(self, names: list[str]) -> str:
        place = self.integer('B')
        return names[place] if place < len(names) else self.text()


def file(name: str, load: Callable[[Path], object]) -> Read:
    """Return a reader of a file called ``name``."""

    def read(data: bytes, folder: Path) -> object:
        path = folder / name
        path.write_bytes(data)
        return load(path)

    return read


def none(_folder: Path) -> list[bytes]:
    return [b'']
