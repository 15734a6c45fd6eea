# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A campaign as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restage.report.goals import goals_table
from restage.report.markup import Text, figure, paragraph, section, table
from restage.report.page import circumstances, make_page
from restage.sampling.chart import CAPTIONS
from restage.sampling.wording import COLUMNS, cells, truth_line

TITLE = 'Restage: which faults to inject'
DEFINITIONS = (
    'Critical: the relative loss of quality (accuracy, or mAP) reaches the threshold. Precision: '
    'critical among the first 100 draws, mean over the runs, with the 95 % interval of that mean '
    '(bootstrap; of fewer than five runs, Wilson of all draws). x diversity: times the effective '
    'number (exponential of the entropy) of layer x bit cells among the different critical ones. '
    'Cells: how many of those there are. Recall: different critical faults found in all draws, of '
    'all in the population. SDC rate: the estimate of the first run with its 95 % interval; held: '
    'in how many runs the interval held the ground truth; - where faults are left out, so that '
    'nothing can be concluded.'
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
    settings = document['settings']
    rows: list[list[Text]] = [[name, *cells(found)] for name, found in document['samplers'].items()]
    return make_page(
        TITLE,
        paragraph(
            f'{settings["fault"]} of {settings["bits"]} bit in {settings["target"]} of '
            f'{document["model"]["name"]}, kept in {settings["number_format"]}; critical from '
            f'a loss of {settings["threshold"]:.0%}; {settings["runs"]} runs of '
            f'{settings["budget"]} faults.'
        ),
        section('Goals', goals_table(document)),
        section(
            'Samplers',
            table('What each sampler found', ['sampler', *COLUMNS], rows),
            paragraph(truth_line(document)),
            paragraph(DEFINITIONS, 'quiet'),
        ),
        section('Pictures', *drawn),
        circumstances(document),
    )
