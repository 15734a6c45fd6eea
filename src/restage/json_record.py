# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Records from JSON that may have been changed since it was written."""

from __future__ import annotations

from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar('T')


def record_of(kind: type[T], data: Any) -> T:
    """
    Return the dataclass ``kind`` with the fields in ``data``.

    :raises ValueError: when one is missing, unknown, or of another type.
    """
    if not isinstance(data, dict):
        raise ValueError(f'{data!r:.80} is no {kind.__name__}')
    hints = get_type_hints(kind)
    for name, value in data.items():
        if name in hints and not fits(value, hints[name]):
            raise ValueError(f"'{name}' is {value!r:.80}; accepted: {hints[name]}")
    try:
        return kind(**data)
    except TypeError as error:
        raise ValueError(str(error)) from None


def fits(value: Any, hint: Any) -> bool:
    """Return whether ``value``, of JSON, is of the type ``hint``: str, dict[str, float], ..."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return any(fits(value, one) for one in inner)
    if origin is dict:
        return isinstance(value, dict) and all(fits(part, inner[1]) for part in value.values())
    if origin is list:
        return isinstance(value, list) and all(fits(part, inner[0]) for part in value)
    if hint in (int, float):
        return isinstance(value, (int, hint)) and not isinstance(value, bool)
    return hint is Any or isinstance(value, hint)
