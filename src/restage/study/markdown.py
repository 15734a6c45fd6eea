# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of a study in Markdown, to be put between words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from restage.study.record import START_PHASES
from restage.study.wording import LEGEND, LETTERS, short

Document = Mapping[str, Any]


def write_tables(document: Document, path: Path) -> Path:
    """
    Write the tables to ``path``; return it.

    :raises OSError: when that cannot be done.
    """
    path.write_text('\n'.join(tables(document)) + '\n', encoding='utf-8')
    return path


def tables(document: Document) -> list[str]:
    """Return the lines of all tables: outcomes, how silent ones look, crashes, resets."""
    names = document['frameworks']
    legend = ', '.join(f'{LETTERS[name]} {words}' for name, words in LEGEND.items())
    counts = sum(one['n'] for one in document['totals'].values())
    return [
        f'{counts} trials; in percent of the trials of a cell: {legend}; – not possible through '
        'this API.',
        '',
        *_table(['error', 'CWE', *names], _matrix(document)),
        '',
        'Reset, ms, median and worst of the trials without an error:',
        '',
        *_table(['framework', *START_PHASES, 'total'], _resets(document)),
        '',
        'Silent data corruption: trials, in how many objects changed, and in how many an error '
        'detector of Restage sees it in the outputs:',
        '',
        *_table(['error', *names], _silent(document)),
        '',
        'Not usable afterwards, in percent of the trials:',
        '',
        *_table(['error', *names], unusable_rows(document)),
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f'| {" | ".join(row)} |' for row in (head, ['---'] * len(head), *rows)]


def _matrix(document: Document) -> Iterable[list[str]]:
    for mistake in document['errors']:
        cells = [short(document['cells'][name][mistake]) for name in document['frameworks']]
        yield [f'`{mistake}`', str(document['error_details'][mistake]['cwe']), *cells]


def _resets(document: Document) -> Iterable[list[str]]:
    for name, details in document['framework_details'].items():
        found = [details['reset_ms'][phase] for phase in (*START_PHASES, 'total')]
        yield [name, *(f'{one["p50"]:.0f}, {one["max"]:.0f}' for one in found)]


def _silent(document: Document) -> Iterable[list[str]]:
    for mistake in document['errors']:
        words = [_silent_cell(document['cells'][name][mistake]) for name in document['frameworks']]
        if any(words):
            yield [f'`{mistake}`', *words]


def _silent_cell(cell: Mapping[str, Any]) -> str:
    count = cell['outcomes']['sdc']
    if not count:
        return ''
    sdc = cell['sdc']
    if sdc['other_shape'] == count:
        return f'{count}, of another shape'
    return f'{count}, {sdc["objects_changed"]}, {sum(sdc["seen"].values())}'


def unusable_rows(document: Document) -> Iterable[list[str]]:
    """Give each error after which some process was of no use, and the share by framework, in %."""
    for mistake in document['errors']:
        shares = [
            document['cells'][name][mistake]['usable_after'] for name in document['frameworks']
        ]
        if any(share is not None and share < 1 for share in shares):
            words = ['–' if share is None else f'{100 - 100 * share:.0f}' for share in shares]
            yield [f'`{mistake}`', *words]
