# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Lines of JSON that grow while a campaign runs: what it is about, then what it has found."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# What a file that is no journal, or was changed, may end in where it is read.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError)


def as_written(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``about`` as it comes back from a file: with lists for tuples, and so on."""
    found: dict[str, Any] = json.loads(json.dumps(dict(about)))
    return found


def begin_journal(path: Path, about: Mapping[str, Any]) -> None:
    """Write the first line."""
    path.write_text(json.dumps(about) + '\n', encoding='utf-8')


def read_journal(path: Path, check: Callable[[Any], None], take: Callable[[Any], None]) -> None:
    """
    Hand the first line to ``check``, each further one to ``take``, and make the file end a line.

    A line counts when its end is in the file: one that was cut off by a kill is removed, unless
    ``check`` or ``take`` raises.

    :raises: one of ``UNREADABLE`` for what is no JSON, or not what ``take`` expects.
    """
    content = path.read_bytes()
    first, *further = content.split(b'\n')
    check(json.loads(first))
    if not further:  # only its end is missing
        with path.open('ab') as file:
            file.write(b'\n')
        return
    for line in further[:-1]:
        take(json.loads(line))
    if further[-1]:
        os.truncate(path, len(content) - len(further[-1]))
