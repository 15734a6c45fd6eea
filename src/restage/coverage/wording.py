# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Proportions as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def share(found: Mapping[str, Any], digits: int = 1) -> str:
    """Return a proportion in percent; a dash where there is none."""
    return '-' if found['value'] is None else f'{found["value"] * 100:.{digits}f} %'


def interval(found: Mapping[str, Any]) -> str:
    """Return the interval of a proportion in percent."""
    if found['ci95'] is None:
        return '-'
    low, high = found['ci95']
    return f'{low * 100:.1f} to {high * 100:.1f}'


def counted(found: Mapping[str, Any]) -> str:
    """Return how many of how many."""
    return f'{found["count"]} of {found["of"]}'
