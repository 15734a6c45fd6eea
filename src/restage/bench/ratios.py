# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How many times as long one arm takes as another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

PAIRS = (
    ('process_reset', 'stage_resume'),
    ('process_reset', 'whole_frame_rerun'),
    ('process_reset', 'model_reload'),
    ('process_reset', 'standby_failover'),
    ('whole_frame_rerun', 'stage_resume'),
    ('model_reload', 'stage_resume'),
)
DEFINITION = (
    'A over B: for each fault class that was measured in both arms, the median total of A divided '
    'by that of B; the headline is the geometric mean of these ratios. A class in which half of '
    'the trials of an arm or more never recovered has no ratio.'
)

Arms = Mapping[str, Mapping[str, Mapping[str, Any]]]


def ratios(arms: Arms) -> dict[str, Any]:
    """
    Return the headline of each pair by name, ``per_class`` by name and class, ``definition``.

    :param arms: the cells of the document, by arm and fault class.
    """
    per_class = {f'{a}_over_{b}': _by_class(arms, a, b) for a, b in PAIRS}
    return {
        **{name: _geometric_mean(list(found.values())) for name, found in per_class.items()},
        'per_class': per_class,
        'definition': DEFINITION,
    }


def _by_class(arms: Arms, numerator: str, denominator: str) -> dict[str, float]:
    above, below = arms.get(numerator, {}), arms.get(denominator, {})
    found = {}
    for fault in above:
        long, short = above[fault].get('p50_ms'), below.get(fault, {}).get('p50_ms')
        if long and short:
            found[fault] = round(long / short, 2)
    return found


def _geometric_mean(values: list[float]) -> float | None:
    if not values:
        return None
    return round(math.exp(sum(map(math.log, values)) / len(values)), 2)
