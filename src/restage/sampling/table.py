# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The results of a campaign as tables in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from restage.coverage.table import goal_table
from restage.sampling.wording import COLUMNS, cells, truth_line

Document = Mapping[str, Any]


def show(document: Document, console: Console) -> None:
    """Print the samplers, the ground truth and the goals."""
    console.print(sampler_table(document))
    console.print(truth_line(document), highlight=False)
    console.print(goal_table(document))


def sampler_table(document: Document) -> Table:
    """Return a row for each sampler."""
    table = Table(title='Samplers', title_justify='left', box=SIMPLE_HEAD)
    table.add_column('sampler', no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, justify='right', no_wrap=True)
    for name, found in document['samplers'].items():
        table.add_row(name, *cells(found))
    return table
