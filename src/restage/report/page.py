# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""An HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from restage.report.markup import section, table
from restage.report.page_style import STYLE


def make_page(title: str, *content: str) -> str:
    """Return the page; ``content``: pieces of `restage.report.markup`."""
    body = '\n'.join([f'<h1>{escape(title)}</h1>', *(piece for piece in content if piece)])
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n'
        f'<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n'
    )


def circumstances(document: Mapping[str, Any]) -> str:
    """Return settings, machine and versions of ``document``."""
    return section(
        'Settings and machine',
        *(_facts(name, document[name]) for name in ('settings', 'machine', 'versions')),
    )


def _facts(name: str, values: Mapping[str, Any]) -> str:
    rows = [[key, str(value)] for key, value in values.items()]
    return table(name.capitalize(), ['what', 'value'], rows, words=True)
