# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A campaign as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restage.coverage.chart import CAPTIONS
from restage.coverage.wording import counted, interval, share
from restage.report.goals import goals_table
from restage.report.markup import figure, paragraph, section, table
from restage.report.page import circumstances, make_page

TITLE = 'Restage: which faults of the network are seen'
DEFINITIONS = (
    'Critical: objects were lost or made up against the clean run of the same frame (same class, '
    'IoU 0.5; the IVMOD of Qutub et al., 2022), or no valid detections came out. Precision: of all '
    'alarms, on faults and on clean frames, those with something corrupted behind them; in '
    'brackets, those on critical faults. Intervals: Wilson, 95 %.'
)


def write_page(document: Mapping[str, Any], pictures: Mapping[str, Path], path: Path) -> Path:
    """Write the page to ``path``; return it."""
    path.write_text(page(document, pictures), encoding='utf-8')
    return path


def page(document: Mapping[str, Any], pictures: Mapping[str, Path]) -> str:
    """
    Return the page.

    :raises OSError: when a picture cannot be read.
    """
    drawn = [figure(path.read_bytes(), CAPTIONS[name]) for name, path in pictures.items()]
    return make_page(
        TITLE,
        paragraph(
            f'{document["faults"]} faults and {document["clean_frames"]} clean frames of '
            f'{document["model"]["name"]}, calibrated on {document["model"]["calibrated_on"]}.'
        ),
        section('Goals', goals_table(document)),
        section(
            'Error detectors',
            _detectors(document),
            paragraph(_silent(document['stack']['details']['recall_sdc_critical'])),
            paragraph(DEFINITIONS, 'quiet'),
        ),
        section('Faults by kind', _kinds(document)),
        section('Pictures', *drawn),
        circumstances(document),
    )


def _detectors(document: Mapping[str, Any]) -> str:
    rows = []
    for name, found in {**document['detectors'], 'all': document['stack']['details']}.items():
        latency, cost = found.get('latency_ms', {}), found.get('overhead')
        rows.append(
            [
                name,
                str(found['alarms']),
                f'{share(found["precision"])} ({share(found["precision_critical"])})',
                share(found['recall_critical']),
                interval(found['recall_critical']),
                counted(found['recall_critical']),
                str(found.get('critical_seen_by_it_alone', '-')),
                counted(found['false_positive_rate']),
                f'{latency["p50"]:.2f} / {latency["p99"]:.2f}' if latency.get('n') else '-',
                f'{cost["percent"]:.2f} ({cost["ci95"][0]:.2f} to {cost["ci95"][1]:.2f})'
                if cost
                else '-',
            ]
        )
    headers = [
        'detector',
        'alarms',
        'precision (critical)',
        'critical seen',
        '95 %',
        'count',
        'by it alone',
        'false alarms of frames',
        'seen after ms, p50 / p99',
        'cost % (95 %)',
    ]
    return table('What each detector saw', headers, rows)


def _silent(found: Mapping[str, Any]) -> str:
    return (
        f'Of the critical faults that no exception gave away, {counted(found)} were seen: '
        f'{share(found)} (95 %: {interval(found)}).'
    )


def _kinds(document: Mapping[str, Any]) -> str:
    rows = []
    for kind, found in document['kinds'].items():
        counts, change = found['outcomes'], found['map']
        rows.append(
            [
                kind,
                *(str(number) for number in (found['n'], *counts.values())),
                share(found['ivmod'], 2),
                share(found['recall_critical']),
                interval(found['recall_critical']),
                f'{change["change"]:+.4f}' if change else '-',
                f'{change["change_protected"]:+.4f}' if change else '-',
            ]
        )
    counted_as = list(document['outcomes'])
    headers = [
        'kind',
        'n',
        *(name.replace('_', ' ') for name in counted_as),
        'IVMOD',
        'critical seen',
        '95 %',
        'mAP change',
        'protected',
    ]
    return table('Outcomes without recovery', headers, rows)
