# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from restage.checkpoint import bandwidth
from restage.checkpoint.bandwidth import Bandwidth, measure
from restage.checkpoint.errors import StoreError

SIZES = (1, 30_720, 1_000_000)


def test_every_size_is_measured_and_nothing_is_left(tmp_path: Path) -> None:
    results = measure(tmp_path, SIZES, samples=5, between=0)
    assert [result.size for result in results] == list(SIZES)
    for result in results:
        assert result.memcpy_gb_s > 0
        assert result.ratio == result.commit_gb_s / result.memcpy_gb_s > 0
    assert list(tmp_path.iterdir()) == []


def test_the_ratio_is_that_of_the_medians(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A clock that lets every copy take 100 ns and every commit 200, and one of them a second."""
    now = 0
    steps = iter(range(10**6))

    def clock() -> int:
        nonlocal now
        step = next(steps)
        if step % 2:
            now += 10**9 if step == 21 else 100 if step % 4 == 1 else 200
        return now

    monkeypatch.setattr(bandwidth, 'perf_counter_ns', clock)
    assert measure(tmp_path, [1000], samples=9, between=0) == [Bandwidth(1000, 10.0, 5.0)]
    assert Bandwidth(1000, 10.0, 5.0).ratio == 0.5


def test_the_cache_is_written_over_before_every_sample(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    between: list[int] = []
    monkeypatch.setattr(
        bandwidth, '_spoil_the_cache', lambda other, *_: between.append(np.asarray(other).nbytes)
    )
    measure(tmp_path, [8, 16], samples=3, between=4096)
    assert set(between) == {4096}
    assert len(between) >= 3 * 2 * 2


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot make a store in '.*missing'"):
        measure(tmp_path / 'missing', [8])
