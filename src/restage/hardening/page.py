# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What hardening came to, as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restage.report.markup import Text, paragraph, section, table
from restage.report.page import circumstances, make_page

TITLE = 'Restage: hardening'
COLUMNS = ('clean', 'under faults', 'worst', 'still critical', 'SDC rate', '95 %')
DEFINITIONS = (
    'Under faults: mean accuracy with each of the faults that were critical for the network as it '
    'was, in the same bits of the same weights. Still critical: share of them. SDC rate: estimated '
    'rate of critical faults among all in the weights, with its 95 % interval. Trials: faults '
    'injected until so many different critical ones were known.'
)


def cells(one: Mapping[str, Any]) -> list[str]:
    """Return the figures of a variant, in the order of COLUMNS."""
    low, high = one['sdc_rate_ci95']
    return [
        f'{one["clean_accuracy"]:.3f}',
        f'{one["accuracy_under_critical"]:.3f}',
        f'{one["worst_accuracy"]:.3f}',
        f'{one["still_critical"]:.2f}',
        f'{one["sdc_rate"]:.5f}',
        f'{low:.5f} to {high:.5f}',
    ]


def write_page(document: Mapping[str, Any], path: Path) -> Path:
    """Write the page to ``path``; return it."""
    path.write_text(page(document), encoding='utf-8')
    return path


def page(document: Mapping[str, Any]) -> str:
    """Return the page."""
    variants: list[list[Text]] = [[name, *cells(one)] for name, one in document['variants'].items()]
    searches: list[list[Text]] = [
        [name, str(one['critical']), str(one['trials']), f'{one["trials_per_critical"]}']
        for name, one in document['search'].items()
    ]
    goals: list[list[Text]] = [
        [goal['what'], goal['goal'], f'{goal["measured"]}', f'{goal["met"]}']
        for goal in document['goals']
    ]
    headers = ['sampler', 'critical', 'trials', 'trials per critical']
    return make_page(
        TITLE,
        section('Goals', table('Goals', ['what', 'wanted', 'measured', 'met'], goals)),
        section(
            'Networks',
            table('Under the same critical faults', ['network', *COLUMNS], variants),
            table('Search for critical faults', headers, searches),
            paragraph(DEFINITIONS, 'quiet'),
        ),
        circumstances(document),
    )
