# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A soak as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from restage.report.markup import Marked, code, figure, listing, paragraph, section, table
from restage.report.page import circumstances, make_page
from restage.soak.chart import CAPTION

TITLE = 'Restage: soak'


def write_page(document: Mapping[str, Any], picture: Path, path: Path) -> Path:
    """Write the page to ``path``; return it."""
    path.write_text(page(document, picture), encoding='utf-8')
    return path


def page(document: Mapping[str, Any], picture: Path) -> str:
    """
    Return the page.

    :raises OSError: when the picture cannot be read.
    """
    counts, frames = document['counts'], document['frames']
    verdict = 'Every invariant held.' if document['passed'] else 'An invariant did not hold.'
    return make_page(
        TITLE,
        paragraph(verdict, 'good' if document['passed'] else 'bad'),
        paragraph(
            f'{document["minutes"]:.1f} minutes, {counts["episodes"]} episodes, '
            f'{counts["faults_fired"]} firings of faults, {counts["processes_ended"]} processes '
            f'ended, {counts["recoveries"]} recoveries. Of {frames["in"]} frames '
            f'{frames["out"]} came out, {frames["lost"]} were lost.'
        ),
        section('Violations', _findings('Violations', document['violations'])),
        section('Documented limits', _findings('Documented limits', document['documented'])),
        section('Recoveries', _times(document), figure(picture.read_bytes(), CAPTION)),
        section('Frames lost', _losses(document)),
        section('Growth', listing(document['resources']['leaks']), _trends(document)),
        section('Episodes', _episodes(document)),
        section('Run it again', code(document['settings']['command'])),
        section(
            'Not injected',
            listing(f'{kind}: {why}' for kind, why in document['excluded'].items()),
        ),
        circumstances(document),
    )


def _findings(caption: str, found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        return paragraph('None.')
    rows = [
        [
            f'{one["at_s"]:.1f}',
            one['invariant'],
            Marked(one['text'], 'quiet' if one['documented'] else 'bad'),
            one['documented'],
            one['during'],
            one['again'],
        ]
        for one in found
    ]
    headers = ['s', 'invariant', 'what', 'documented', 'during', 'again']
    return table(caption, headers, rows, words=True)


def _times(document: Mapping[str, Any]) -> str:
    rows = [
        [kind, str(one['n']), *(f'{one[name]:.1f}' for name in ('p50', 'p99', 'max'))]
        for kind, one in document['recovery_ms'].items()
    ]
    return table(
        'From the fault to the next good output, ms', ['fault', 'n', 'p50', 'p99', 'max'], rows
    )


def _losses(document: Mapping[str, Any]) -> str:
    rows = [[why, str(count)] for why, count in document['frames']['lost_by_reason'].items()]
    return table('Frames lost by reason', ['reason', 'frames'], rows) if rows else ''


def _trends(document: Mapping[str, Any]) -> str:
    rows = []
    for node, quantities in document['resources']['trends'].items():
        for name, one in quantities.items():
            if one['per_hour'] is not None:
                ends = [_number(one['low']), _number(one['high'])]
                rows.append([node, name, f'{one["per_hour"]:+.2f}', *ends, str(one['points'])])
    headers = ['node', 'quantity', 'an hour', '95 % low', 'high', 'points']
    return table('Growth in quiet phases', headers, rows)


def _number(value: float | None) -> str:
    return '-' if value is None else f'{value:+.2f}'


def _episodes(document: Mapping[str, Any]) -> str:
    rows = [
        [
            str(row['episode']),
            f'{row["at_s"]:.0f}',
            row['name'],
            '; '.join(
                f'{", ".join(one["tiers"])} {one["total_ms"]} ms' for one in row['recoveries']
            ),
            ', '.join(f'{why} {count}' for why, count in row['frames']['lost'].items()),
            f'{row["silence_ms"]:.0f}',
        ]
        for row in document['episodes']
    ]
    headers = ['episode', 's', 'what was done', 'recoveries', 'frames lost', 'silence ms']
    return table('Episodes', headers, rows, words=True)
