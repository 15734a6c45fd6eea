# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The values of a plan file, checked one by one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from reprlib import Repr

from restage.plan.errors import PlanError

Data = Mapping[object, object]

# A document may hold numbers of a million digits and lists that repeat each other without end.
_SHORT = Repr()
_SHORT.maxlist, _SHORT.maxstring, _SHORT.maxother, _SHORT.maxlevel = 16, 80, 80, 3


def refused(key: str, value: object, accepted: str) -> PlanError:
    """Return the error for a value that is not accepted."""
    try:
        shown = _SHORT.repr(value)
    except ValueError:  # an integer of more digits than Python converts
        shown = 'a number'
    return PlanError(f'{key}: {shown} ({type(value).__name__}); accepted: {accepted}')


def numbers(data: Data, key: str, count: int) -> tuple[float, ...]:
    """Return ``count`` finite numbers of at least 0."""
    value = data[key]
    if not isinstance(value, list) or len(value) != count or not all(map(_is_number, value)):
        raise refused(key, value, f'a list of {count} numbers of at least 0')
    return tuple(float(str(one)) for one in value)


def text(data: Data, key: str) -> str:
    """Return a string."""
    value = data[key]
    if not isinstance(value, str):
        raise refused(key, value, 'a string')
    return value


def names(data: Data, key: str) -> tuple[str, ...]:
    """Return a list of strings."""
    value = data[key]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise refused(key, value, 'a list of names')
    return tuple(value)


def _is_number(value: object) -> bool:
    """Return whether it is a finite float or an integer one could be made of; True is none."""
    try:
        return type(value) in (int, float) and 0 <= float(value) < math.inf  # type: ignore[arg-type]
    except OverflowError:
        return False
