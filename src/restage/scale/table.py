# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The growth as tables in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from restage.scale.wording import EXPLAINED, HEADERS, law_headers, laws, row


def show(document: Mapping[str, Any], console: Console) -> None:
    """Print every model and the fitted growth."""
    console.print(_table('Models', HEADERS, [row(model) for model in document['models']]))
    console.print()
    console.print(_table('Growth', law_headers(), laws(document)))
    console.print(EXPLAINED, style='dim', highlight=False)


def _table(title: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(
        title=title, title_justify='left', box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False
    )
    for number, header in enumerate(headers):
        table.add_column(header, justify='right' if number else 'left')
    for cells in rows:
        table.add_row(*cells)
    return table
