# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One thing that a node says about itself."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

Value = bool | int | float | str


class Level(enum.IntEnum):
    """
    The constants of diagnostic_msgs/DiagnosticStatus.

    OK: as it should be. WARN: it works, and something is amiss. ERROR: it does not do its work.
    STALE: nothing new is known, because the node is not configured or nothing comes in.
    """

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


@dataclass(frozen=True)
class Status:
    """
    A status called ``NODE: item``.

    ``message`` is made of what changes seldom: a new one is published at once. ``values``: keys are
    in snake case and end with their unit; ``key[PART]`` is that key of one stage, reason or node.
    """

    item: str
    level: Level
    message: str
    values: Mapping[str, Value] = field(default_factory=dict)


def text_of(value: Value) -> str:
    """Return ``value`` as it is published."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'{value:.6g}' if isinstance(value, float) else str(value)
