# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The comparison as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from restage.bench.wording import number
from restage.compare.rows import COSTS, RECOVERIES, Row, lowered, texts
from restage.report.markup import code, paragraph, section, table
from restage.report.page import circumstances, make_page
from restage.sizing.wording import Model, size

TITLE = 'Restage: models side by side'


def page(document: Mapping[str, Any]) -> str:
    """Return the page."""
    models = document['models']
    note = lowered(models)
    return make_page(
        TITLE,
        section('Costs', _table('Without faults', COSTS, models)),
        section(
            'Recoveries',
            _table('Over real nodes, from the injection to valid detections', RECOVERIES, models),
            paragraph(note, 'quiet') if note else '',
        ),
        section('Stages', *map(_stages, models)),
        circumstances(document),
        section('Run it again', code(document['settings']['command'])),
    )


def _table(caption: str, rows: Sequence[Row], models: Sequence[Model]) -> str:
    return table(caption, ['', *(model['title'] for model in models)], texts(rows, models))


def _stages(model: Model) -> str:
    kept = model['checkpoint']['boundaries']
    rows = [
        [
            stage['name'],
            *(number(stage['ms'][key], 2) for key in ('p50', 'p99', 'max')),
            size(stage['out_bytes']),
            'yes' if stage['name'] in kept else '',
        ]
        for stage in model['stages']
    ]
    headers = ['stage', 'p50 ms', 'p99 ms', 'max ms', 'hands over', 'checkpoint behind it']
    return table(model['title'], headers, rows)
