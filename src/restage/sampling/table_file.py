# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every draw of every run as a columnar file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from restage.sampling.errors import SamplingError
from restage.sampling.series import Series
from restage.sampling.space import FaultSpace
from restage.sampling.truth import Truth

TRUTH = 'ground_truth'


def check_installed() -> None:
    """
    Return if tables can be written: asked before a campaign, not after it.

    :raises SamplingError: when pyarrow is not installed.
    """
    if find_spec('pyarrow') is None:
        raise SamplingError(
            'tables need pyarrow, which is not installed; accepted: '
            '`pip install -r requirements/campaign.txt`'
        )


def write_table(
    path: Path, space: FaultSpace, truth: Truth, series: Mapping[str, Sequence[Series]]
) -> None:
    """Write Parquet with a row for each draw, the ground truth among them."""
    import pyarrow
    from pyarrow import parquet

    parts = [_truth_rows(truth)]
    parts += [_rows(one) for runs in series.values() for one in runs]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    elements, bits = np.divmod(columns['fault'], space.positions)
    site = space.site[elements]
    tensors = np.array([one.tensor for one in space.sites])
    columns |= {
        'layer': np.array(space.layers)[space.layer[elements]],
        'tensor': tensors[site],
        'element': space.index[elements],
        'bit': bits.astype(np.int16),
    }
    parquet.write_table(pyarrow.table(columns), path, compression='zstd')


def _rows(one: Series) -> dict[str, Any]:
    count = len(one.critical)
    return {
        'sampler': np.full(count, one.sampler),
        'run': np.full(count, one.run, np.int32),
        'draw': np.arange(1, count + 1, dtype=np.int32),
        'fault': one.draws.faults,
        'probability': one.draws.probability,
        **one.figures,
        'critical': one.critical,
    }


def _truth_rows(truth: Truth) -> dict[str, Any]:
    count = len(truth.faults)
    return {
        'sampler': np.full(count, TRUTH),
        'run': np.zeros(count, np.int32),
        'draw': np.arange(1, count + 1, dtype=np.int32),
        'fault': truth.faults,
        'probability': np.full(count, 1.0 / truth.size),
        **truth.figures,
        'critical': truth.flags,
    }
