# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A study as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from restage.report.machine import machine, versions
from restage.study.difference import ABSOLUTE, RELATIVE
from restage.study.frameworks import find_framework
from restage.study.journal import Journal
from restage.study.matrix import cell_of, empty_cell, known_after_ms, reset_ms
from restage.study.mistakes import CONTROL, find_mistake
from restage.study.outcome import Outcome
from restage.study.present import Present
from restage.study.settings import StudySettings
from restage.study.tiers import measured

SCHEMA = 1


def build(
    settings: StudySettings,
    present: Mapping[str, Present],
    missing: Mapping[str, str],
    journal: Journal,
    not_run: Sequence[str],
    results: Path | None,
) -> dict[str, Any]:
    """
    Return the results.

    :param present: the frameworks that were studied; ``missing``: the others, with the reason.
    :param not_run: trials that never came to their mistake, in words.
    :param results: the folder with what `restage bench` measured of the tiers.
    """
    trials = [
        record
        for record in journal.trials.values()
        if record.framework in present and record.number < settings.trials
    ]
    cells: dict[str, dict[str, Any]] = {}
    for framework in present:
        cells[framework] = {}
        for mistake in settings.mistakes:
            reason = journal.impossible.get((framework, mistake))
            own = [one for one in trials if (one.framework, one.mistake) == (framework, mistake)]
            if reason is not None:
                cells[framework][mistake] = empty_cell(not_possible=reason)
            elif not own:
                cells[framework][mistake] = empty_cell(not_run='no trial came to its mistake')
            else:
                cells[framework][mistake] = cell_of(own)
    return {
        'schema': SCHEMA,
        'frameworks': list(present),
        'errors': list(settings.mistakes),
        'cells': cells,
        'framework_details': {
            name: _framework(name, one, journal) for name, one in present.items()
        },
        'error_details': {name: _mistake(name) for name in settings.mistakes},
        'unavailable': dict(missing),
        'not_run': list(not_run),
        'totals': _totals(cells),
        'restage': measured(results),
        'tolerance': {'absolute': ABSOLUTE, 'relative': RELATIVE},
        'settings': asdict(settings),
        'machine': machine(),
        'versions': versions(),
    }


def _framework(name: str, present: Present, journal: Journal) -> dict[str, Any]:
    framework = find_framework(name)
    own = [one for one in journal.trials.values() if one.framework == name]
    control = [one for one in own if one.mistake == CONTROL.name]
    return {
        'package': framework.distribution,
        'version': present.version,
        'route': framework.route,
        'clean_difference': present.difference,
        'control': cell_of(control),
        'reset_ms': reset_ms(control),
        'crash_known_after_ms': known_after_ms(
            [record for record in own if record.outcome == Outcome.CRASH.value]
        ),
    }


def _mistake(name: str) -> dict[str, Any]:
    mistake = find_mistake(name)
    return {
        'cwe': mistake.cwe,
        'what': mistake.what,
        'snippet': mistake.snippet.strip('\n'),
        'restage_fault': mistake.restage,
    }


def _totals(cells: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return the outcomes of every framework over all mistakes."""
    return {
        framework: {
            'n': sum(cell['n'] for cell in row.values()),
            'outcomes': {
                one.value: sum(cell['outcomes'][one.value] for cell in row.values())
                for one in Outcome
            },
            'not_possible': sum('not_possible' in cell for cell in row.values()),
        }
        for framework, row in cells.items()
    }


def write(document: Mapping[str, Any], path: Path) -> None:
    """
    Write ``document`` to ``path``.

    :raises OSError: when that cannot be done.
    """
    path.write_text(json.dumps(document, indent=1, allow_nan=False) + '\n', encoding='utf-8')
