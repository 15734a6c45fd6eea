# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a study is to be."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from restage.study.errors import StudyError
from restage.study.frameworks import FRAMEWORKS, find_framework
from restage.study.launch import Deadlines
from restage.study.mistakes import MISTAKES, find_mistake


@dataclass(frozen=True, kw_only=True)
class StudySettings:
    """
    ``trials`` of every cell of ``frameworks`` x ``mistakes``, ``jobs`` at a time.

    ``controls``: trials without a mistake, one at a time, which measure the start. ``threads``: of
    each framework; one, so that the trials do not wait for each other. ``memory_bytes``,
    ``cpu_s``: limits of each process.

    :raises StudyError: for anything that cannot be done.
    """

    frameworks: Sequence[str] = ()
    mistakes: Sequence[str] = ()
    trials: int = 20
    controls: int = 20
    jobs: int = 0
    threads: int = 1
    seed: int = 31
    memory_bytes: int = 8 << 30
    cpu_s: int = 120
    deadlines: Deadlines = field(default_factory=Deadlines)

    def __post_init__(self) -> None:
        """Check every field; nothing chosen: everything, on every core."""
        for name, every in (('frameworks', tuple(FRAMEWORKS)), ('mistakes', tuple(MISTAKES))):
            if not getattr(self, name):
                object.__setattr__(self, name, every)
        if self.jobs == 0:
            object.__setattr__(self, 'jobs', len(os.sched_getaffinity(0)))
        for name in ('trials', 'controls', 'jobs', 'threads'):
            if getattr(self, name) < 1:
                raise StudyError(f'{name} is {getattr(self, name)}; accepted: at least 1')
        for framework in self.frameworks:
            find_framework(framework)
        for mistake in self.mistakes:
            find_mistake(mistake)


def quick(settings: StudySettings) -> StudySettings:
    """Return a study that takes less than three minutes: the first trial of each cell."""
    return replace(settings, trials=1, controls=1)
