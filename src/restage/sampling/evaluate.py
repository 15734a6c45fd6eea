# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Running faults, here or in worker processes; each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from time import perf_counter

import torch

from restage.sampling.engine import Engine
from restage.sampling.journal import Journal, Outcome
from restage.sampling.settings import SampleSettings
from restage.sampling.space import FaultSpace
from restage.sampling.subjects import make_engine, population

Run = Callable[[Sequence[int]], list[Outcome]]
CHUNK = 40  # faults between two writes

_rig: tuple[Engine, FaultSpace] | None = None


def run_faults(engine: Engine, space: FaultSpace, faults: Sequence[int]) -> list[Outcome]:
    """Run each fault of ``space``, by its number."""
    found = []
    for fault in faults:
        start = perf_counter()
        figures = {name: round(value, 9) for name, value in engine.run(space.fault(fault)).items()}
        found.append(Outcome(figures, round(perf_counter() - start, 6)))
    return found


def _begin(settings: SampleSettings) -> None:
    global _rig  # of a worker process, for its life
    torch.set_num_threads(1)
    engine = make_engine(settings)
    _rig = engine, population(settings, engine)


def _work(faults: Sequence[int]) -> list[Outcome]:
    assert _rig is not None
    return run_faults(*_rig, faults)


@contextmanager
def runner(settings: SampleSettings, engine: Engine, space: FaultSpace) -> Iterator[Run]:
    """Give a function that runs faults on as many cores as ``workers`` says."""
    if settings.workers == 1:
        yield lambda faults: run_faults(engine, space, faults)
        return
    with ProcessPoolExecutor(
        settings.workers, get_context('spawn'), initializer=_begin, initargs=(settings,)
    ) as pool:

        def run(faults: Sequence[int]) -> list[Outcome]:
            size = -(-len(faults) // settings.workers)
            parts = [faults[first : first + size] for first in range(0, len(faults), size)]
            return [outcome for part in pool.map(_work, parts) for outcome in part]

        yield run


class Outcomes:
    """What became of faults, from the journal; those that are not in it are run."""

    def __init__(self, run: Run, journal: Journal, threshold: float) -> None:
        """Run faults with ``run``; critical is a damage of at least ``threshold``."""
        self._run = run
        self._journal = journal
        self._threshold = threshold

    def of(
        self, faults: Sequence[int], told: Callable[[int], None] = lambda _done: None
    ) -> list[Outcome]:
        """Return the outcomes of ``faults``; ``told`` hears how many are known."""
        known = self._journal.outcomes
        missing = [fault for fault in dict.fromkeys(faults) if fault not in known]
        for first in range(0, len(missing), CHUNK):
            chunk = missing[first : first + CHUNK]
            self._journal.add(zip(chunk, self._run(chunk), strict=True))
            told(len(faults) - len(missing) + first + len(chunk))
        return [known[fault] for fault in faults]

    def critical(self, outcome: Outcome) -> bool:
        """Return whether the loss of quality reaches the threshold."""
        return outcome.figures['damage'] >= self._threshold - 1e-9
