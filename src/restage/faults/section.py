# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Typed reading of a mapping from YAML, with errors that say where, what and what else."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeVar

from restage.faults.errors import FaultError, not_accepted

T = TypeVar('T')


class Section:
    """
    A mapping in the document ``source``, all of whose keys are known.

    ``where`` is its path in the document, empty for the document itself.

    Every reader returns ``default`` for a key that is absent; without a default the key is
    required. All raise :class:`FaultError` with the path of the key, the value, and what is
    accepted.

    :raises FaultError: when ``data`` is no mapping, or has a key that is not accepted.
    """

    def __init__(
        self, data: object, source: str, where: str = '', *, accepted: Iterable[str]
    ) -> None:
        self.source = source
        self.where = where
        keys = tuple(accepted)
        if not isinstance(data, dict):
            raise FaultError(
                f'{self.label}: {_show(data)}; accepted: a mapping with the keys {", ".join(keys)}'
            )
        for key in data:
            if key not in keys:
                raise FaultError(f'{self.label}: {not_accepted("key", key, keys)}')
        self._data = data

    def __contains__(self, key: str) -> bool:
        return key in self._data

    @property
    def label(self) -> str:
        """Return the document and the path in it."""
        return f'{self.source}: {self.where}' if self.where else self.source

    def at(self, key: str) -> str:
        """Return the path of ``key`` in the document."""
        return f'{self.where}.{key}' if self.where else key

    def inner(self, key: str, accepted: Iterable[str]) -> Section:
        """Return the mapping that is the value of ``key``."""
        return Section(self.raw(key), self.source, self.at(key), accepted=accepted)

    def raw(self, key: str) -> object:
        """Return the value of ``key`` as YAML gave it, ``None`` when it is absent."""
        return self._data.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string."""
        value = self._value(key, default)
        if not isinstance(value, str):
            raise self.refused(key, value, 'a string')
        return value

    def integer(self, key: str, default: int | None = None, *, low: int, high: int) -> int:
        """Return an integer within ``low..high``."""
        value = self._value(key, default)
        if type(value) is not int or not low <= value <= high:
            raise self.refused(key, value, f'an integer {low}..{high}')
        return value

    def number(
        self, key: str, default: float | None = None, *, low: float = 0.0, above: bool = False
    ) -> float:
        """Return a finite number of at least ``low``, or ``above`` it."""
        value = self._value(key, default)
        good = type(value) in (int, float) and math.isfinite(float(str(value)))
        if good:
            number = float(str(value))
            if number > low or (number == low and not above):
                return number
        raise self.refused(key, value, f'a number {"above" if above else "of at least"} {low:g}')

    def refused(self, key: str, value: object, accepted: str) -> FaultError:
        """Return the error for a value that is not accepted."""
        return FaultError(f'{self.source}: {self.at(key)}: {_show(value)}; accepted: {accepted}')

    def _value(self, key: str, default: T | None) -> object:
        if key in self._data:
            return self._data[key]
        if default is None:
            raise FaultError(f'{self.label}: the key {key} is missing')
        return default


def _show(value: object) -> str:
    return 'nothing' if value is None else f'{value!r} ({type(value).__name__})'
