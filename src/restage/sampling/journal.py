# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What became of each fault, in a file: a campaign goes on where it was killed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from restage.json_record import fits
from restage.report.journal_file import UNREADABLE, as_written, begin_journal, read_journal
from restage.sampling.engine import Figures
from restage.sampling.errors import SamplingError


class Outcome(NamedTuple):
    """The figures of a fault, and how long it took to run it, s on one core."""

    figures: Figures
    seconds: float


def columns(outcomes: Sequence[Outcome]) -> dict[str, NDArray[np.float64]]:
    """Return the figures of ``outcomes`` by name, in their order; nothing of none."""
    names = outcomes[0].figures if outcomes else ()
    return {name: np.array([one.figures[name] for one in outcomes]) for name in names}


class Journal:
    """
    Lines of JSON: what outcomes depend on, then one line for each fault that was run.

    The result of a fault does not depend on who asked for it, so a fault is run once. The draws of
    the samplers are not kept: with the same seed and outcomes they come out the same.
    """

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        """
        Open the file at ``path`` for outcomes of ``about``.

        :raises SamplingError: when it is the journal of other outcomes, or of none.
        """
        self.path = path
        self.outcomes: dict[int, Outcome] = {}
        wanted = as_written(about)
        if path.exists() and path.stat().st_size:
            self._read(wanted)
        else:
            begin_journal(path, wanted)

    def _read(self, wanted: dict[str, Any]) -> None:
        def check(found: Any) -> None:
            if found != wanted:
                raise SamplingError(
                    f'{self.path}: of a campaign with another model or population; accepted: the '
                    'same, or another --report folder'
                )

        def take(entry: Any) -> None:
            fault, figures, seconds = entry['fault'], entry['figures'], entry['seconds']
            known = next(iter(self.outcomes.values())).figures if self.outcomes else figures
            if not (
                fits(fault, int)
                and fits(figures, dict[str, float])
                and fits(seconds, float)
                and set(figures) == set(known)
            ):
                raise ValueError(f'{entry!r:.200} is no outcome of a fault')
            self.outcomes[fault] = Outcome(figures, float(seconds))

        try:
            read_journal(self.path, check, take)
        except SamplingError:
            raise
        except UNREADABLE as error:
            raise SamplingError(f'{self.path}: no journal of a campaign: {error}') from None

    def add(self, outcomes: Iterable[tuple[int, Outcome]]) -> None:
        """Write what became of faults."""
        lines = []
        for fault, outcome in outcomes:
            self.outcomes[fault] = outcome
            lines.append(
                json.dumps({'fault': fault, 'figures': outcome.figures, 'seconds': outcome.seconds})
            )
        with self.path.open('a', encoding='utf-8') as file:
            file.write(''.join(f'{line}\n' for line in lines))
