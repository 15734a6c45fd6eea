# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run the benchmark: every cell in turn, shuffled anew in every round, in one running system."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from restage.bench.bed import Bed
from restage.bench.cells import IN_PLACE, cells
from restage.bench.pace import Pace
from restage.bench.stress import every_core, stress
from restage.bench.trial import Trial


@dataclass(frozen=True, kw_only=True)
class BenchSettings:
    """
    What to measure.

    ``trials`` of every cell; ``in_place_trials``: of those whose process lives, which take
    a tenth of the time. ``pairs``: frames to measure the overhead on. ``source``: pictures for the
    camera; empty: rendered road.
    """

    model: str
    arms: tuple[str, ...]
    faults: tuple[str, ...]
    trials: int
    in_place_trials: int
    pairs: int
    seed: int
    load: bool
    plan: str = ''
    source: str = ''

    def rounds(self) -> list[list[tuple[str, str]]]:
        """Return the cells of every round, shuffled."""
        rng = random.Random(self.seed)
        rounds = []
        for number in range(max(self.trials, self.in_place_trials)):
            due = [
                (arm, fault)
                for arm, fault in cells(list(self.arms), list(self.faults))
                if number < (self.in_place_trials if arm in IN_PLACE else self.trials)
            ]
            rng.shuffle(due)
            rounds.append(due)
        return rounds


def run_trials(
    settings: BenchSettings,
    pace: Pace,
    store_mb: int,
    log_folder: Path,
    on_trial: Callable[[Trial, int, int], None],
    warn: Callable[[str], None],
) -> list[Trial]:
    """
    Return every trial that could be run, see `Bed.run`.

    :raises NotReadyError: when the system does not come up at all.
    """
    bed = Bed(
        model=settings.model,
        seed=settings.seed,
        plan=settings.plan,
        source=settings.source,
        pace=pace,
        store_mb=store_mb,
    )
    order = [cell for cells_of in settings.rounds() for cell in cells_of]
    with stress(every_core() if settings.load else 0):
        return bed.run(order, log_folder, on_trial, warn)
