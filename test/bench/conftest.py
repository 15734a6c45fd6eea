# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What tests of the benchmark's results share."""

from __future__ import annotations

import random
from typing import Any

import pytest

from restage.bench.cells import ARMS, FAULTS, STAGES, cells, not_applicable
from restage.bench.document import build
from restage.bench.goals import HANGS
from restage.bench.overhead import Overhead
from restage.bench.paired import Part
from restage.bench.trial import Trial

PHASES_MS = {
    'stage_resume': (6.0, 0.4, 1.0, 12.0),
    'whole_frame_rerun': (6.0, 0.4, 1.0, 19.0),
    'model_reload': (6.0, 0.4, 280.0, 13.0),
    'standby_failover': (2.5, 0.5, 5.0, 22.0),
    'process_reset': (2.5, 0.5, 4200.0, 60.0),
}


def one_trial(arm: str, fault: str, number: int, rng: random.Random) -> Trial:
    """A recovery as it may be: a hang takes the time to be seen."""
    phases = [time * rng.uniform(0.8, 1.2) for time in PHASES_MS[arm]]
    if ('standby_failover', fault) in HANGS:
        phases[0] += rng.uniform(45, 55)
    times = [(number + 1) * 10**10]
    for phase in phases:
        times.append(times[-1] + round(phase * 1e6))
    return Trial(
        arm=arm,
        fault=fault,
        number=number,
        injected_ns=times[0],
        detected_ns=times[1],
        decided_ns=times[2],
        restored_ns=times[3],
        resumed_ns=times[3],
        first_good_ns=times[4],
        detector='finite',
        stage=STAGES[number % len(STAGES)],
        frames_lost=130 if arm == 'process_reset' else 0,
    )


@pytest.fixture
def trials() -> list[Trial]:
    """Ten trials of every cell there is, all as wanted."""
    rng = random.Random(3)
    every = [cell for cell in cells(list(ARMS), list(FAULTS)) for _ in range(10)]
    return [one_trial(arm, fault, number, rng) for number, (arm, fault) in enumerate(every)]


@pytest.fixture
def overhead() -> Overhead:
    part = Part(added_us=30.0, percent=0.24, ci95=(0.2, 0.28))
    return Overhead(
        percent=0.8,
        ci95=(0.7, 0.9),
        added_us=100.0,
        off_us=12600.0,
        on_us=12700.0,
        percent_of_period=0.3,
        pairs=300,
        seed=3,
        parts={'checkpoints': part, 'finite': part},
    )


@pytest.fixture
def settings() -> dict[str, Any]:
    return {'seed': 3, 'load': False, 'trials': 10, 'frame_ms': 12.6, 'command': 'restage bench'}


@pytest.fixture
def document(trials: list[Trial], overhead: Overhead, settings: dict[str, Any]) -> dict[str, Any]:
    bandwidth = [{'tensor': 'x', 'memcpy_gb_s': 9.0, 'percent_of_memcpy': 75.0}]
    return build(trials, not_applicable(list(ARMS), list(FAULTS)), overhead, bandwidth, settings)
