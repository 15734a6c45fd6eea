# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run the trials that are not in the journal yet, some at a time, each in a process of its own."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from restage.study.difference import Floats
from restage.study.events import EventReader
from restage.study.frameworks import find_framework
from restage.study.journal import Journal
from restage.study.launch import Ended, launch
from restage.study.mistakes import CONTROL
from restage.study.present import Present
from restage.study.record import TrialRecord, start_ms, started_right, verdict_of
from restage.study.request import LATER, PICTURES, START, STRUCK, TrialRequest
from restage.study.seen import OutputWatch
from restage.study.settings import StudySettings

ATTEMPTS = 3
Told = Callable[[int, int], None]


class Campaign:
    """
    The trials of a study.

    :param work: a folder with ``models`` and ``pictures``, in which trials get folders for as long
        as they run.
    :param present: the frameworks, with their outputs for each picture.

    ``not_run``: trials that never came to their mistake, with the reason; they do not count.
    """

    def __init__(
        self, settings: StudySettings, work: Path, journal: Journal, present: Mapping[str, Present]
    ) -> None:
        """Prepare; nothing runs yet."""
        self._settings, self._work, self._journal = settings, work, journal
        self._present = present
        self._stop = threading.Event()
        self._watch = OutputWatch()
        self._watched = threading.Lock()
        self.not_run: list[str] = []

    def controls(self, told: Told) -> None:
        """Run the trials without a mistake, one at a time: they measure the start as well."""
        todo = self._todo([CONTROL.name], self._settings.controls)
        for done, key in enumerate(todo):
            told(done, len(todo))
            self._run(*key)

    def trials(self, told: Told) -> None:
        """Run the trials with mistakes; the first of every cell, then the second, and so on."""
        todo = self._todo(self._settings.mistakes, self._settings.trials)
        with ThreadPoolExecutor(self._settings.jobs) as pool:
            futures = [pool.submit(self._run, *key) for key in todo]
            try:
                for done, future in enumerate(as_completed(futures), 1):
                    future.result()
                    told(done, len(todo))
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _todo(self, mistakes: Sequence[str], count: int) -> list[tuple[str, str, int]]:
        return [
            (framework, mistake, number)
            for number in range(count)
            for mistake in mistakes
            for framework in self._present
            if (framework, mistake, number) not in self._journal.trials
        ]

    def _run(self, framework: str, mistake: str, number: int) -> None:
        if (framework, mistake) in self._journal.impossible:
            return
        seed = seed_of(self._settings.seed, framework, mistake, number)
        said = ''
        for _ in range(ATTEMPTS):
            with TrialFolder(self._work, f'{framework}.{mistake}.{number}') as folder:
                request = request_for(self._settings, self._work, framework, mistake, seed, folder)
                events, ended = launch(request, self._settings.deadlines, self._stop)
                refused = events.find('not_possible')
                if refused is not None:
                    self._journal.refuse(framework, mistake, refused['text'])
                    return
                if started_right(events, self._present[framework].golden):
                    self._journal.add(self._record(framework, mistake, number, seed, events, ended))
                    return
                said = ended.said
        self.not_run.append(
            f'{framework}, {mistake}, number {number}: no start in {ATTEMPTS} attempts: {said}'
        )

    def _record(
        self,
        framework: str,
        mistake: str,
        number: int,
        seed: int,
        events: EventReader,
        ended: Ended,
    ) -> TrialRecord:
        present = self._present[framework]
        with self._watched:  # decoding and the detectors have state
            facts, difference = verdict_of(events, ended, present.golden)
            seen = ''
            if difference is not None and not difference.within and difference.lost is not None:
                seen = self._watch.look(events.outputs('answer') or [])
        return TrialRecord(
            framework=framework,
            version=present.version,
            mistake=mistake,
            number=number,
            seed=seed,
            seen=seen,
            start_ms=start_ms(events, ended) or {},
            **facts,
        )


class TrialFolder:
    """A folder that is there as long as a trial."""

    def __init__(self, work: Path, name: str) -> None:
        """Name it."""
        self._path = work / name

    def __enter__(self) -> Path:
        """Make it, empty."""
        shutil.rmtree(self._path, ignore_errors=True)
        self._path.mkdir()
        return self._path

    def __exit__(self, *_: object) -> None:
        """Remove it and all that the trial has left in it."""
        shutil.rmtree(self._path)


def request_for(
    settings: StudySettings, work: Path, framework: str, mistake: str, seed: int, folder: Path
) -> TrialRequest:
    """Return the request of a trial."""
    return TrialRequest(
        framework=framework,
        mistake=mistake,
        seed=seed,
        models=str(work / 'models'),
        pictures=str(work / 'pictures'),
        folder=str(folder),
        threads=settings.threads,
        memory_bytes=0 if find_framework(framework).gpu else settings.memory_bytes,
        cpu_s=settings.cpu_s,
    )


def seed_of(seed: int, framework: str, mistake: str, number: int) -> int:
    """Return the seed of a trial: the same for the same words, on every machine."""
    text = f'{seed}:{framework}:{mistake}:{number}'
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], 'big')


def golden_outputs(events: EventReader) -> list[list[Floats]] | None:
    """Return a clean run's outputs for each picture in order; None if it has not all of them."""
    names = {START: 'first', STRUCK: 'answer'}
    names |= {index: f'later{place}' for place, index in enumerate(LATER) if index not in names}
    found = [events.outputs(names[index]) for index in range(PICTURES)]
    return [one for one in found if one is not None] if all(found) else None
