# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a study has found so far, in a file: it goes on where it was interrupted or killed."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restage.json_record import fits, record_of
from restage.report.journal_file import UNREADABLE, as_written, begin_journal, read_journal
from restage.study.errors import StudyError
from restage.study.record import TrialRecord


class Journal:
    """
    Lines of JSON: what the trials have in common, then one for each trial or impossible cell.

    A line counts when its end is in the file; what was cut off is run again.
    """

    def __init__(self, path: Path, common: Mapping[str, Any]) -> None:
        """
        Open the file at ``path`` for trials that have ``common`` in common.

        :raises StudyError: when it is the journal of another study, or of none.
        """
        self.path = path
        self.trials: dict[tuple[str, str, int], TrialRecord] = {}
        self.impossible: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()
        wanted = as_written(common)
        if path.exists() and path.stat().st_size:
            self._read(wanted)
        else:
            begin_journal(path, wanted)

    def _read(self, wanted: dict[str, Any]) -> None:
        def check(found: Any) -> None:
            if found != wanted:
                odd = sorted(key for key in {*found, *wanted} if found.get(key) != wanted.get(key))
                raise StudyError(
                    f'{self.path}: of a study with another {", ".join(odd)}; accepted: the same, '
                    'or another --report folder'
                )

        try:
            read_journal(self.path, check, self._take)
        except StudyError:
            raise
        except UNREADABLE as error:
            raise StudyError(f'{self.path}: no journal of a study: {error}') from None

    def check(self, versions: Mapping[str, str]) -> None:
        """
        Compare the versions of frameworks by name with those of the trials that are there.

        :raises StudyError: when one is another.
        """
        for record in self.trials.values():
            now = versions.get(record.framework, record.version)
            if now != record.version:
                raise StudyError(
                    f'{self.path}: has trials of {record.framework} {record.version}, and this is '
                    f'{now}; accepted: the same, or another --report folder'
                )

    def add(self, record: TrialRecord) -> None:
        """Write a trial; one that is there already is not counted again."""
        with self._lock:
            if record.key not in self.trials:
                self._write({'trial': record.as_data()})
                self.trials[record.key] = record

    def refuse(self, framework: str, mistake: str, reason: str) -> None:
        """Write that a cell is not possible."""
        with self._lock:
            if (framework, mistake) not in self.impossible:
                self._write({'impossible': [framework, mistake, reason]})
                self.impossible[framework, mistake] = reason

    def _write(self, entry: dict[str, Any]) -> None:
        with self.path.open('ab') as file:
            file.write(json.dumps(entry).encode() + b'\n')
            file.flush()
            os.fsync(file.fileno())

    def _take(self, entry: dict[str, Any]) -> None:
        if 'impossible' in entry:
            if not fits(entry['impossible'], list[str]):
                raise ValueError(f"'impossible' is {entry['impossible']!r:.80}")
            framework, mistake, reason = entry['impossible']
            self.impossible[framework, mistake] = reason
        else:
            record = record_of(TrialRecord, entry['trial'])
            self.trials[record.key] = record
