# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""YAML files from somebody else: plain data of a bounded size, or one error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

MOST_BYTES = 2**20
MOST_ENTRIES = 100_000
MOST_BITS = 64
DEEPEST = 64
LONGEST_TEXT = 10_000


class YamlError(ValueError):
    """A file that is not read; the message says why, without the name of the file."""


def read_yaml(path: Path) -> Any:
    """
    Return what the YAML file at ``path`` holds.

    Aliases count as often as they are used: a short file may stand for more than any memory holds.

    :raises YamlError: when it cannot be read, is no YAML, or holds too much.
    """
    try:
        with path.open('rb') as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise YamlError(f'cannot be read: {error.strerror or error}') from None
    return parse_yaml(data)


def parse_yaml(data: bytes) -> Any:
    """
    Return what ``data`` stands for; as ``read_yaml``.

    :raises YamlError: when it is no YAML, or too much.
    """
    if len(data) > MOST_BYTES:
        raise YamlError(f'is larger than {MOST_BYTES} bytes')
    try:
        found = yaml.safe_load(data.decode('utf-8'))
    except UnicodeDecodeError as error:
        raise YamlError(f'not UTF-8: {error.reason} at byte {error.start}') from None
    except Exception as error:
        # Not only YAMLError: of a bad '!!int' or '!!timestamp' PyYAML lets IndexError and
        # AttributeError through, of brackets without end a RecursionError.
        what = ' '.join(str(error).split()) or type(error).__name__
        raise YamlError(f'not YAML: {what}') from None
    _count(found, 0, {})
    return found


def _count(value: object, depth: int, known: dict[int, int]) -> int:
    """
    Return of how many entries ``value`` is made; ``known``: those of its parts.

    :raises YamlError: when they are too many, too deep, or one is too long.
    """
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise YamlError(f'holds an integer of {value.bit_length()} bits; accepted: {MOST_BITS}')
    if isinstance(value, (str, bytes)) and len(value) > LONGEST_TEXT:
        raise YamlError(f'holds a text of {len(value)} characters; accepted: {LONGEST_TEXT}')
    if not isinstance(value, (dict, list, set, tuple)):
        return 1
    if depth > DEEPEST:
        raise YamlError(f'is nested deeper than {DEEPEST}')
    if id(value) not in known:
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_count(part, depth + 1, known) for part in parts)
    if known[id(value)] > MOST_ENTRIES:
        raise YamlError(f'stands for more than {MOST_ENTRIES} entries')
    return known[id(value)]
