# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Enumerations of faults; the numbers are those of ``restage_msgs``, the names those of YAML."""

from __future__ import annotations

from enum import IntEnum
from typing import TypeVar

from restage.faults.errors import FaultError, not_accepted


class When(IntEnum):
    """Where in a stage a fault takes effect: before, during or after its computation."""

    BEFORE = 0
    DURING = 1
    AFTER = 2


class Persistence(IntEnum):
    """
    How often a fault fires.

    ``TRANSIENT``: once, then it is cleared. ``INTERMITTENT``: on each frame with its
    probability. ``PERMANENT``: on every frame on which its probability lets it. The latter
    two last until they are cleared, and fire again when the stage is retried on that frame.
    """

    TRANSIENT = 0
    INTERMITTENT = 1
    PERMANENT = 2


class FaultState(IntEnum):
    """
    What became of a fault.

    ``ARMED`` → ``FIRED`` (once or more) → ``CLEARED``; or ``REJECTED``, on arrival or on the
    first frame that shows that it cannot be injected there. A deadly kind ends at ``FIRED``.
    """

    ARMED = 0
    FIRED = 1
    CLEARED = 2
    REJECTED = 3


E = TypeVar('E', bound=IntEnum)


def member(enum: type[E], name: str) -> E:
    """
    Return the member of ``enum`` that is written ``name`` in lower case.

    :raises FaultError: when there is none; names those there are.
    """
    for candidate in enum:
        if candidate.name.lower() == name:
            return candidate
    raise FaultError(not_accepted(f"'{enum.__name__.lower()}'", name, names(enum)))


def names(enum: type[E]) -> tuple[str, ...]:
    """Return the members of ``enum`` as they are written in YAML and on the command line."""
    return tuple(candidate.name.lower() for candidate in enum)
