# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Outcomes as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LETTERS = {
    'masked': 'M',
    'clean_exception': 'E',
    'sdc': 'S',
    'delayed_failure': 'D',
    'crash': 'C',
    'hang': 'H',
}
LEGEND = {
    'masked': 'masked',
    'clean_exception': 'clean exception',
    'sdc': 'silent data corruption',
    'delayed_failure': 'delayed failure',
    'crash': 'crash',
    'hang': 'hang',
}


def short(cell: Mapping[str, Any]) -> str:
    """Return a cell's outcomes in percent by letter, the most frequent first: ``S85 M15``."""
    if not cell['n']:
        return '–' if 'not_possible' in cell else '?'
    counts = sorted(cell['outcomes'].items(), key=lambda one: -one[1])
    return ' '.join(
        f'{LETTERS[name]}{100 * count / cell["n"]:.0f}' for name, count in counts if count
    )


def worst(cell: Mapping[str, Any]) -> str:
    """Return what a cell is coloured by: ``bad`` if anything was silent or late, or ``quiet``."""
    if not cell['n']:
        return 'quiet'
    counts = cell['outcomes']
    if counts['sdc'] or counts['delayed_failure']:
        return 'bad'
    return 'good' if not (counts['crash'] or counts['hang']) else ''
