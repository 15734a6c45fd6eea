# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run the benchmark: every cell in turn, shuffled anew in every round, in one running system."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from restage.bench.cells import IN_PLACE, STAGES, cells
from restage.bench.clip import render_clip
from restage.bench.experiment import Experiment
from restage.bench.record import Record
from restage.bench.stress import every_core, stress
from restage.bench.trial import Trial
from restage.faults.stages import named_stage
from restage.harness.session import NotReadyError, session
from restage.recovery.stolen import stolen_ns
from restage.stages.loading import load_model
from restage.system import SystemOptions


@dataclass(frozen=True, kw_only=True)
class BenchSettings:
    """
    What to measure.

    ``trials`` of every cell; ``in_place_trials``: of those whose process lives, which take
    a tenth of the time. ``pairs``: frames to measure the overhead on.
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
    log_folder: Path,
    on_trial: Callable[[Trial, int, int], None],
    warn: Callable[[str], None],
) -> list[Trial]:
    """
    Return every trial that could be run; ``on_trial`` hears of each, with its number and the sum.

    What was measured until then is returned as well when the system does not come up again, or
    on Ctrl-C.

    :raises NotReadyError: when it does not come up at all.
    """
    order = [cell for cells_of in settings.rounds() for cell in cells_of]
    record = Record()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix='restage-bench-')))
        clip = render_clip(folder / 'clip', settings.seed)
        log = folder / 'frames.jsonl'
        options = SystemOptions(
            source=str(clip),
            model=settings.model,
            rate_hz=30.0,
            frame_log=str(log),
            allow_fault_injection=True,
            plan=settings.plan,
        )
        if settings.load:
            stack.enter_context(stress(every_core()))
        model = load_model(settings.model)
        stages = tuple(dict.fromkeys(named_stage(one, model).name for one in STAGES))
        # A benchmark is one failure after the other: the breaker would rightly open.
        closed = {'recovery': {'breaker_failures': 1000, 'breaker_window_s': 0.1}}
        running = stack.enter_context(session(options, log_folder, closed))
        running.start_camera()
        experiment = Experiment(running, stages)
        try:
            for number, (arm, fault) in enumerate(order, 1):
                experiment.settle()
                record.take(running.observer.take_detections())
                record.close()
                trial = _trial(experiment, arm, fault, number, warn)
                record.begin(trial)
                on_trial(trial, number, len(order))
            experiment.settle()
        except KeyboardInterrupt:
            warn(f'interrupted after {record.count} trials')
        except (NotReadyError, TimeoutError) as error:
            warn(f'stopped after {record.count} trials: {error}')
        record.take(running.observer.take_detections())
        record.close()
        if record.duplicates or record.out_of_order:
            warn(f'{record.duplicates} frames came twice, {record.out_of_order} out of order')
        return record.judge(model, clip, log)


def _trial(
    experiment: Experiment, arm: str, fault: str, number: int, warn: Callable[[str], None]
) -> Trial:
    begun, stolen = time.monotonic_ns(), stolen_ns()
    try:
        trial = experiment.run(arm, fault, number)
    except TimeoutError as error:
        warn(f'{fault} in {arm}: {error}')
        trial = Trial(arm=arm, fault=fault, number=number, injected_ns=begun, outcome='failed')
    return replace(trial, stolen_ms=(stolen_ns() - stolen) / 1e6)
