# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restage.bench import page_summary, page_tables
from restage.bench.chart import CAPTIONS
from restage.bench.summary_tables import missed
from restage.report.markup import code, figure, listing, paragraph, section
from restage.report.page import make_page as page_of

TITLE = 'Restage: recovery latency by fault class'


def make_page(document: Mapping[str, Any], pictures: Mapping[str, Path]) -> str:
    """
    Return the page.

    :param pictures: PNG files by the names in ``chart.CAPTIONS``, as ``chart.draw`` returns them.
    :raises OSError: when a picture cannot be read.
    """
    settings = document['settings']
    drawn = [figure(path.read_bytes(), CAPTIONS.get(name, name)) for name, path in pictures.items()]
    return page_of(
        TITLE,
        _verdict(document),
        section(
            'Recovery times',
            page_tables.matrix(document),
            paragraph(document['percentiles'], 'quiet'),
            listing(_reasons(document)),
        ),
        section('Pictures', *drawn),
        section('Goals', page_summary.goals(document)),
        section(
            'Ratios',
            page_summary.ratios(document),
            paragraph(document['ratios']['definition'], 'quiet'),
        ),
        section('Costs', page_summary.costs(document), page_summary.bandwidth(document)),
        section('By arm', *(page_tables.details(document, arm) for arm in document['arms'])),
        section(
            'Settings and machine',
            page_summary.facts('Settings', settings),
            page_summary.facts('Machine', document['machine']),
            page_summary.facts('Versions', document['versions']),
        ),
        section('Run it again', code(str(settings.get('command', 'restage bench')))),
    )


def write_page(document: Mapping[str, Any], pictures: Mapping[str, Path], path: Path) -> Path:
    """Write the page to ``path``; return it."""
    path.write_text(make_page(document, pictures), encoding='utf-8')
    return path


def _verdict(document: Mapping[str, Any]) -> str:
    """Return how many goals were met, and which were missed."""
    verdicts = [goal['met'] for goal in document['goals']]
    open_ones = verdicts.count(None)
    text = f'{verdicts.count(True)} of {len(verdicts)} goals met'
    text += f', {verdicts.count(False)} missed' if False in verdicts else ''
    text += f', {open_ones} not measured' if open_ones else ''
    kind = 'bad' if False in verdicts else 'quiet' if open_ones else 'good'
    return paragraph(f'{text}.', kind) + listing(missed(document))


def _reasons(document: Mapping[str, Any]) -> list[str]:
    """Return each reason for which cells do not exist, with the arms and classes it is about."""
    about: dict[str, dict[str, list[str]]] = {}
    for arm, row in document['arms'].items():
        for fault, cell in row.items():
            if 'not_applicable' in cell:
                about.setdefault(cell['not_applicable'], {}).setdefault(arm, []).append(fault)
    found = []
    for reason, arms in about.items():
        together: dict[str, list[str]] = {}
        for arm, faults in arms.items():
            together.setdefault(', '.join(faults), []).append(arm)
        cells = '; '.join(f'{", ".join(names)} with {faults}' for faults, names in together.items())
        found.append(f'Not applicable: {cells}: {reason}.')
    return found
