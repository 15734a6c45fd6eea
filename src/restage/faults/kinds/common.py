# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the kinds of several classes share."""

from __future__ import annotations

from restage.faults.enums import When
from restage.faults.parameters import ParameterSpec

ANYWHERE = (When.DURING, When.BEFORE, When.AFTER)

AFTER_MS = ParameterSpec(
    name='after_ms',
    value_type=float,
    default=-1.0,
    low=-1.0,
    high=600_000.0,
    unit='ms',
    help_text='from the start of the stage (its end at the latest); negative: half of its last '
    'duration; only with when=during',
)


def count(default: int, high: int, help_text: str, name: str = 'count') -> ParameterSpec:
    """Return an integer parameter of at least 1."""
    return ParameterSpec(
        name=name, value_type=int, default=default, low=1, high=high, help_text=help_text
    )


def milliseconds(name: str, default: float, help_text: str) -> ParameterSpec:
    """Return a parameter for a time of at most ten minutes."""
    return ParameterSpec(
        name=name,
        value_type=float,
        default=default,
        low=0.0,
        high=600_000.0,
        unit='ms',
        help_text=help_text,
    )
