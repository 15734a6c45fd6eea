# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch

from restage.detector.weights import load_network
from restage.sampling import batching
from restage.sampling.batching import compare

ROWS = 2


def test_rows_of_a_batch_are_compared_bit_by_bit() -> None:
    network = load_network()
    generator = torch.Generator().manual_seed(2)
    size = (384, 640, 3)
    images = [
        torch.randint(0, 256, size, dtype=torch.uint8, generator=generator) for _ in range(ROWS)
    ]
    found = compare(network, images, 1)
    convolutions = {name for name, one in network.named_parameters() if one.ndim == 4}
    assert set(found['weights']) == convolutions
    assert [*found['outputs']] == [*(f'backbone.{n}' for n in range(4)), 'neck', 'head']
    for row in [*found['outputs'].values(), *found['weights'].values()]:
        assert row['largest_difference'] < 1e-2


def test_a_row_counts_as_the_same_to_the_bit_and_times_are_of_one_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [[torch.ones(3), torch.zeros(2)] for _ in range(ROWS)]
    other = [[tensor.clone() for tensor in row] for row in rows]
    other[1][0][2] += 0.5
    clock = iter([0.0, 4.0, 10.0, 11.0])
    monkeypatch.setattr(batching, 'perf_counter', lambda: next(clock))
    assert batching._compared(lambda: rows, lambda: other, 1) == {
        'same_bits': ROWS - 1,
        'largest_difference': 0.5,
        'ms': 4000.0 / ROWS,
        'ms_batched': 1000.0 / ROWS,
    }
