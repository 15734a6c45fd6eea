# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Summaries of samples: the worst case is kept, the raw samples too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def summarize(samples: Sequence[float]) -> dict[str, float | int | list[float]]:
    """Return count, p50, p99, max and the samples themselves; only the count where none are."""
    if not samples:
        return {'n': 0}
    values = np.asarray(samples, np.float64)
    return {
        'n': len(values),
        'p50': round(float(np.percentile(values, 50)), 3),
        'p99': round(float(np.percentile(values, 99)), 3),
        'max': round(float(values.max()), 3),
        'samples': [round(float(value), 3) for value in values],
    }
