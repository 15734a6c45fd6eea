# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is raised about a fault that cannot be injected, and how it is worded."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class FaultError(ValueError):
    """A fault that is not one: says what was wrong and what is accepted."""


def not_accepted(what: str, value: object, accepted: Iterable[str]) -> str:
    """
    Word a refusal: the value, the nearest accepted one if there is any, and all of them.

    :param what: What ``value`` was meant to be, for instance ``fault kind``.
    """
    names = list(accepted)
    near = get_close_matches(str(value), names, n=1)
    hint = f"did you mean '{near[0]}'? " if near else ''
    return f"unknown {what} '{value}'; {hint}accepted: {', '.join(names) or 'none'}"
