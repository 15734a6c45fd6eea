# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Typed parameters of a fault kind: their range, their default, how a text becomes one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from restage.faults.errors import FaultError, not_accepted

Value = bool | int | float | str

_TYPE_NAMES: dict[type, str] = {int: 'integer', float: 'double', str: 'string'}


@dataclass(frozen=True, kw_only=True)
class ParameterSpec:
    """
    One parameter of a fault kind.

    ``value_type`` is ``int``, ``float`` or ``str``; ``low`` and ``high`` bound a number,
    both included; ``choices`` bounds a string.
    """

    name: str
    value_type: type
    default: Value
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    unit: str = ''
    help_text: str = ''

    @property
    def type_name(self) -> str:
        """Return the name of the type as ROS writes it."""
        return _TYPE_NAMES[self.value_type]

    @property
    def accepted(self) -> str:
        """Return type, range or choices, and unit, in words."""
        if self.value_type is str:
            return f'one of {", ".join(self.choices)}' if self.choices else 'string'
        low, high = (f'{bound:.0f}' for bound in (self.low, self.high))
        return f'{self.type_name} {low}..{high} {self.unit}'.rstrip()

    def check(self, value: object) -> Value:
        """
        Return ``value`` in this parameter's type; an integer does for a double.

        :raises FaultError: on a wrong type, NaN, or a value out of range.
        """
        if self.value_type is float and type(value) is int:
            try:
                value = float(value)
            except OverflowError:
                raise self._refused(str(value)[:80], 'is out of range') from None
        if type(value) is not self.value_type:
            raise self._refused(value, f'is of type {type(value).__name__}')
        if isinstance(value, (int, float)) and not self.low <= value <= self.high:
            raise self._refused(value, 'is out of range')
        if isinstance(value, str) and self.choices and value not in self.choices:
            raise FaultError(not_accepted(f"'{self.name}'", value, self.choices))
        assert isinstance(value, (bool, int, float, str))
        return value

    def parse(self, text: str) -> Value:
        """
        Return the value that ``text`` (from a command line) stands for.

        :raises FaultError: when it stands for none of this type and range.
        """
        try:
            value = self.value_type(text)
        except ValueError:
            raise self._refused(text, 'is not a number') from None
        return self.check(value)

    def _refused(self, value: object, why: str) -> FaultError:
        return FaultError(
            f"parameter '{self.name}': {value!r} {why}; accepted: {self.accepted} "
            f'(default {self.default!r})'
        )
