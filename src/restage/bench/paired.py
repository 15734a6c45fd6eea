# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Time two ways of working on the same frames, pair by pair."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from restage.report.bootstrap import interval, resampled
from restage.stages.frame import FrameJob

Work = Callable[[FrameJob], object]
WARM_UP = 8


@dataclass(frozen=True, kw_only=True)
class Part:
    """
    What one part costs: median paired difference, us a frame, and in percent of the bare compute.

    ``ci95``: bootstrap 95 % interval of ``percent``.
    """

    added_us: float
    percent: float
    ci95: tuple[float, float]


def paired_ns(
    on: Work, off: Work, jobs: Sequence[FrameJob], told: Callable[[], None] = lambda: None
) -> tuple[list[int], list[int]]:
    """
    Return the times of ``on`` and of ``off`` for each of ``jobs``, ns; the first WARM_UP are left.

    Which of the two is first alternates: neither has the frame in the caches more often.
    """
    times: tuple[list[int], list[int]] = ([], [])
    for number, job in enumerate(jobs):
        order = (0, 1) if number % 2 else (1, 0)
        for which in order:
            work = (on, off)[which]
            started = perf_counter_ns()
            work(job)
            spent = perf_counter_ns() - started
            if number >= WARM_UP:
                times[which].append(spent)
        told()
    return times


def part(
    on_ns: Sequence[int], off_ns: Sequence[int], seed: int, bare_ns: Sequence[int] | None = None
) -> Part:
    """Return the cost of ``on`` over ``off``, in percent of ``bare_ns``, or else of ``off``."""
    off = np.asarray(off_ns, np.float64)
    added = np.asarray(on_ns, np.float64) - off
    base = off if bare_ns is None else np.asarray(bare_ns, np.float64)
    rows = resampled(len(added), seed)
    bases = np.median(off[rows], axis=1) if bare_ns is None else np.median(base)
    low, high = interval(np.median(added[rows], axis=1) / bases * 100)
    median = float(np.median(added))
    return Part(
        added_us=round(median / 1e3, 2),
        percent=round(median / float(np.median(base)) * 100, 4),
        ci95=(round(low, 4), round(high, 4)),
    )


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Keep the garbage collector away, and what there is now out of it, for as long as it lasts."""
    enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()
