# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A study as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restage.report.markup import Marked, Text, code, figure, paragraph, section, table
from restage.report.page import circumstances, make_page
from restage.study.chart import CAPTIONS
from restage.study.markdown import unusable_rows
from restage.study.record import START_PHASES
from restage.study.tiers import BACKENDS, RESPONSES
from restage.study.wording import LEGEND, LETTERS, short, worst

Document = Mapping[str, Any]
TITLE = 'Restage: what programming errors do to deep-learning frameworks'


def write_page(document: Document, pictures: Mapping[str, Path], path: Path) -> Path:
    """
    Write the page to ``path``; return it.

    :raises OSError: when a picture cannot be read, or the page not be written.
    """
    drawn = [figure(one.read_bytes(), CAPTIONS[name]) for name, one in pictures.items()]
    page = make_page(
        TITLE,
        paragraph(_summary(document)),
        section('Outcomes', _matrix(document), *drawn[:1], paragraph(_legend(), 'quiet')),
        section('Reset', _resets(document), *drawn[1:]),
        section('Afterwards', _unusable(document)),
        section('Silent data corruption', _silent(document)),
        section('What the tiers of Restage do', _tiers(document), _tiers_by_error(document)),
        section('The errors', *_mistakes(document)),
        section('Frameworks', _frameworks(document), _impossible(document), _missing(document)),
        circumstances(document),
    )
    path.write_text(page, encoding='utf-8')
    return path


def _summary(document: Document) -> str:
    count = sum(one['n'] for one in document['totals'].values())
    return (
        f'{count} trials: {len(document["errors"])} errors in {len(document["frameworks"])} '
        f'frameworks, up to {document["settings"]["trials"]} of each cell, each in a process of '
        'its own. The same detector in every framework.'
    )


def _legend() -> str:
    letters = ', '.join(f'{LETTERS[name]}: {words}' for name, words in LEGEND.items())
    return f'{letters}. In percent of the trials. –: not possible through this API.'


def _matrix(document: Document) -> str:
    rows: list[list[Text]] = []
    for mistake in document['errors']:
        cells = [document['cells'][framework][mistake] for framework in document['frameworks']]
        marked: list[Text] = [Marked(short(cell), worst(cell)) for cell in cells]
        rows.append([mistake, str(document['error_details'][mistake]['cwe']), *marked])
    return table('Outcomes', ['error', 'CWE', *document['frameworks']], rows)


def _resets(document: Document) -> str:
    phases = (*START_PHASES, 'total')
    rows = [
        [name, *(f'{one["reset_ms"][phase]["p50"]:.0f} / {one["reset_ms"][phase]["max"]:.0f}'
                 for phase in phases)]
        for name, one in document['framework_details'].items()
    ]  # fmt: skip
    return table('ms, median / worst', ['framework', *phases], rows)


def _silent(document: Document) -> str:
    rows: list[list[Text]] = []
    for framework, row in document['cells'].items():
        for mistake, cell in row.items():
            count = cell['outcomes']['sdc']
            if not count:
                continue
            sdc = cell['sdc']
            largest = f'{sdc["largest"]["max"]:.3g}' if sdc['largest']['n'] else 'another shape'
            objects = ' / '.join(str(sdc[name]) for name in ('lost', 'ghosts', 'moved'))
            seen = ', '.join(f'{name} {number}' for name, number in sdc['seen'].items())
            rows.append(
                [f'{framework}, {mistake}', f'{count} of {cell["n"]}', largest,
                 str(sdc['with_not_finite']), str(sdc['objects_changed']), objects, seen or '-']
            )  # fmt: skip
    headers = [
        'cell', 'trials', 'largest difference', 'NaN or infinity', 'objects changed in',
        'lost / ghosts / moved', 'seen in the outputs by',
    ]  # fmt: skip
    return table('Wrong outputs that nobody was told of', headers, rows)


def _tiers(document: Document) -> str:
    rows: list[list[Text]] = []
    for name in RESPONSES:
        one = document['restage'][name]
        times = one['measured']
        count = sum(cell.get('restage', {}).get(name, 0) for cell in _all_cells(document))
        rows.append(
            [name.replace('_', ' '), str(count), one['detector'], one['tier'],
             f'{times["p50_ms"]:.1f} / {times["max_ms"]:.1f}' if times else '-',
             times['source'] if times else '-']
        )  # fmt: skip
    headers = ['came to', 'trials', 'detector', 'tier', 'ms, p50 / max', 'measured']
    return table(f'Trials of {" and ".join(BACKENDS)}, by outcome', headers, rows)


def _tiers_by_error(document: Document) -> str:
    backends = [name for name in BACKENDS if name in document['frameworks']]
    rows: list[list[Text]] = []
    for mistake in document['errors']:
        found = [document['cells'][name][mistake].get('restage', {}) for name in backends]
        words = [
            ', '.join(f'{name.replace("_", " ")} {count}' for name, count in one.items()) or '-'
            for one in found
        ]
        rows.append([mistake, document['error_details'][mistake]['restage_fault'] or '-', *words])
    headers = ['error', 'the same by `restage inject`', *backends]
    return table('By error: what there is to respond to', headers, rows)


def _all_cells(document: Document) -> list[Mapping[str, Any]]:
    return [cell for row in document['cells'].values() for cell in row.values()]


def _mistakes(document: Document) -> list[str]:
    return [
        paragraph(f'{name} (CWE-{one["cwe"]}): {one["what"]}') + code(one['snippet'])
        for name, one in document['error_details'].items()
    ]


def _frameworks(document: Document) -> str:
    rows = [
        [name, one['version'], one['route'], f'{one["clean_difference"]:.2g}',
         short(one['control'])]
        for name, one in document['framework_details'].items()
    ]  # fmt: skip
    headers = ['framework', 'version', 'route', 'clean outputs differ by', 'without an error']
    return table('Studied', headers, rows)


def _unusable(document: Document) -> str:
    headers = ['error', *document['frameworks']]
    return table('Process not usable afterwards, %', headers, unusable_rows(document))


def _impossible(document: Document) -> str:
    rows = [
        [f'{framework}, {mistake}', cell['not_possible']]
        for framework, row in document['cells'].items()
        for mistake, cell in row.items()
        if 'not_possible' in cell
    ]
    return table('Not possible through the API', ['cell', 'why'], rows, words=True) if rows else ''


def _missing(document: Document) -> str:
    rows = [list(one) for one in document['unavailable'].items()]
    rows += [['a trial', words] for words in document['not_run']]
    return table('Not studied', ['what', 'why'], rows, words=True) if rows else ''
