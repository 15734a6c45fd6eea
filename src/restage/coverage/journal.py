# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a campaign has found so far, in a file: it goes on where it was interrupted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restage.coverage.errors import CoverageError
from restage.coverage.trial import CleanFrame, FaultTrial, as_line, from_line
from restage.report.journal_file import UNREADABLE, as_written, begin_journal, read_journal


class Journal:
    """
    Lines of JSON: the settings, then one for each sequence of frames that is done.

    A sequence is written as a whole: what is in the file is complete.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        """
        Open the file at ``path`` for a campaign with ``settings``.

        :raises CoverageError: when it is the journal of another campaign, or of none.
        """
        self.path = path
        self.trials: list[FaultTrial] = []
        self.frames: list[CleanFrame] = []
        self.done: set[str] = set()
        wanted = as_written(settings)
        if path.exists():
            self._read(wanted)
        else:
            begin_journal(path, wanted)

    def _read(self, wanted: dict[str, Any]) -> None:
        def check(found: Any) -> None:
            if found != wanted:
                raise CoverageError(
                    f'{self.path}: of a campaign with other settings; accepted: the same ones, '
                    'or another --report folder'
                )

        def take(entry: Any) -> None:
            self._take(str(entry['sequence']), [from_line(item) for item in entry['entries']])

        try:
            read_journal(self.path, check, take)
        except CoverageError:
            raise
        except UNREADABLE as error:
            raise CoverageError(f'{self.path}: no journal of a campaign: {error}') from None

    def add(self, sequence: str, entries: list[FaultTrial | CleanFrame]) -> None:
        """Write a sequence that is done."""
        line = json.dumps({'sequence': sequence, 'entries': [as_line(one) for one in entries]})
        with self.path.open('a', encoding='utf-8') as file:
            file.write(line + '\n')
        self._take(sequence, entries)

    def _take(self, sequence: str, entries: list[FaultTrial | CleanFrame]) -> None:
        self.done.add(sequence)
        self.trials += [one for one in entries if isinstance(one, FaultTrial)]
        self.frames += [one for one in entries if isinstance(one, CleanFrame)]
