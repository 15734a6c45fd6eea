# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A running system in which trials are run, one after the other."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from restage.bench.cells import STAGES
from restage.bench.clip import FRAMES, render_clip
from restage.bench.experiment import Experiment
from restage.bench.pace import Pace
from restage.bench.record import Record
from restage.bench.store import DEFAULT_MB
from restage.bench.trial import Trial
from restage.faults.stages import named_stage
from restage.harness.session import NotReadyError, session
from restage.recovery.stolen import stolen_ns
from restage.stages.loading import load_model
from restage.system import SystemOptions

Cell = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Bed:
    """
    What runs: ``model`` as `load_model` takes it, ``plan``: a checkpoint plan, or none.

    ``source``: pictures for the camera; empty: a clip of the rendered road of ``seed``, of
    ``frames`` frames. ``store_mb``: room for the checkpoints of each node, MiB.
    """

    model: str
    seed: int
    plan: str = ''
    source: str = ''
    frames: int = FRAMES
    pace: Pace = Pace()  # noqa: RUF009 - frozen
    store_mb: int = DEFAULT_MB

    def run(
        self,
        order: Sequence[Cell],
        log_folder: Path,
        on_trial: Callable[[Trial, int, int], None],
        warn: Callable[[str], None],
    ) -> list[Trial]:
        """
        Run a trial of each cell (arm, fault class) of ``order``; return those that could be run.

        ``on_trial`` hears of each, with its number and the sum. What was measured until then is
        returned as well when the system does not come up again, or on Ctrl-C.

        :raises NotReadyError: when it does not come up at all.
        """
        record = Record()
        with ExitStack() as stack:
            prefix = 'restage-bench-'
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix)))
            source = self.source or str(render_clip(folder / 'clip', self.seed, self.frames))
            log = folder / 'frames.jsonl'
            options = SystemOptions(
                source=source,
                model=self.model,
                rate_hz=self.pace.rate_hz,
                frame_log=str(log),
                allow_fault_injection=True,
                plan=self.plan,
                stage_deadline_ms=self.pace.stage_deadline_ms,
                stage_deadline_floor_ms=self.pace.stage_deadline_floor_ms,
            )
            model = load_model(self.model)
            stages = tuple(dict.fromkeys(named_stage(one, model).name for one in STAGES))
            recovery = {**self.pace.recovery(), 'store_capacity_mb': self.store_mb}
            running = stack.enter_context(session(options, log_folder, {'recovery': recovery}))
            running.start_camera()
            experiment = Experiment(running, stages, self.pace)
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
            return record.judge(model, source, log)


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
