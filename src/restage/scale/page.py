# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The growth as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from restage.report.markup import code, figure, paragraph, section, table
from restage.report.page import circumstances, make_page
from restage.scale.chart import CAPTION
from restage.scale.wording import EXPLAINED, HEADERS, law_headers, laws, row

TITLE = 'Restage: checkpoints and recoveries as the model grows'


def page(document: Mapping[str, Any], picture: bytes) -> str:
    """Return the page; ``picture``: that of `chart.draw`."""
    rows = [row(model) for model in document['models']]
    return make_page(
        TITLE,
        section('Growth', figure(picture, CAPTION)),
        section(
            'Fitted growth',
            table('Powers, with their 95 % intervals', law_headers(), laws(document)),
            paragraph(EXPLAINED, 'quiet'),
        ),
        section('Models', table('Medians, and of recoveries the worst', HEADERS, rows)),
        circumstances(document),
        section('Run it again', code(document['settings']['command'])),
    )
