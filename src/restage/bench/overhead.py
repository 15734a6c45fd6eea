# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What fault tolerance costs while nothing fails: the same frames with it and without it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from restage.bench.overhead_rig import rig
from restage.bench.overhead_works import bare, parts, whole
from restage.bench.paired import WARM_UP, Part, Work, no_collection, paired_ns, part
from restage.bench.store import DEFAULT_MB
from restage.checkpoint.folder import SHARED_MEMORY
from restage.plan.images import DISTINCT, road_images
from restage.stages.frame import FrameJob
from restage.stages.loading import BUNDLED
from restage.stages.model import StagedModel

PERIOD_US = 1e6 / 30


@dataclass(frozen=True, kw_only=True)
class Overhead:
    """
    Median paired difference of a frame with everything on and the bare stages.

    ``percent``, ``ci95``: of the median bare frame (``off_us``), with the bootstrap 95 % interval;
    ``percent_of_period``: of the 33.3 ms between two frames at 30 Hz; times in us a frame.
    ``parts``: each alone, on top of what it needs; they need not add up to the whole.
    """

    percent: float
    ci95: tuple[float, float]
    added_us: float
    off_us: float
    on_us: float
    percent_of_period: float
    pairs: int
    seed: int
    parts: dict[str, Part]


def measure(
    pairs: int,
    seed: int,
    *,
    model: str = BUNDLED,
    plan: str = '',
    store_mb: int = DEFAULT_MB,
    split: bool = True,
    root: Path = SHARED_MEMORY,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> Overhead:
    """
    Measure ``pairs`` frames of the road of ``seed``, each with and without, one after the other.

    On one thread and without garbage collection, in this process; ``root`` holds the checkpoint
    store meanwhile, and nothing of it afterwards. ``model``: as `load_model` takes it. ``plan``: a
    plan file instead of the default boundaries. ``split``: measure each part alone as well, which
    takes eight times as long. ``told``: hears of the pairs done and of their sum, between two.

    :raises ValueError: for fewer than one pair.
    :raises StoreError: when there is no room for the store.
    """
    if pairs < 1:
        raise ValueError(f'{pairs} pairs of frames; accepted: 1 or more')
    with rig(model, plan, root, store_mb=store_mb) as found, no_collection():
        works = parts(found) if split else {}
        jobs = _jobs(found.bench.model, seed)
        count = pairs + WARM_UP
        done = itertools.count(1)

        def times(on: Work, off: Work) -> tuple[list[int], list[int]]:
            every = count * (len(works) + 1)
            frames = list(itertools.islice(jobs, count))
            return paired_ns(on, off, frames, lambda: told(next(done), every))

        on_ns, off_ns = times(whole(found), bare(found.bench.model))
        costs = {name: part(*times(on, off), seed, off_ns) for name, (on, off) in works.items()}
    total = part(on_ns, off_ns, seed)
    return Overhead(
        percent=total.percent,
        ci95=total.ci95,
        added_us=total.added_us,
        off_us=round(median(off_ns) / 1e3, 2),
        on_us=round(median(on_ns) / 1e3, 2),
        percent_of_period=round(total.added_us / PERIOD_US * 100, 4),
        pairs=pairs,
        seed=seed,
        parts=costs,
    )


def _jobs(model: StagedModel, seed: int) -> Iterator[FrameJob]:
    """Give frames without end: rendered once, stamped anew each time."""
    # One after the other in time too, or the detectors would wonder about what they see.
    images = [image.numpy() for image in road_images(model, seed, DISTINCT, step=1)]
    for number, image in enumerate(itertools.cycle(images), 1):
        yield FrameJob(stamp_ns=round(number * PERIOD_US * 1e3), frame_id='camera', image=image)
