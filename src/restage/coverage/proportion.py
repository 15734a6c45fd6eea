# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A proportion with its confidence interval."""

from __future__ import annotations

import math

Z95 = 1.959963984540054


def proportion(count: int, total: int) -> dict[str, object]:
    """
    Return ``count`` of ``total`` with Wilson's 95 % interval; no value where there is no total.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
    """
    if total == 0:
        return {'value': None, 'count': count, 'of': total, 'ci95': None}
    share = count / total
    square = Z95 * Z95
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = (Z95 / (1 + square / total)) * math.sqrt(
        share * (1 - share) / total + square / (4 * total * total)
    )
    low = 0.0 if count == 0 else max(0.0, middle - half)
    high = 1.0 if count == total else min(1.0, middle + half)
    return {
        'value': round(share, 6),
        'count': count,
        'of': total,
        'ci95': [round(low, 6), round(high, 6)],
    }
