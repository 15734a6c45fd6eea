# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is in the report files, from those that are committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reference.markdown import code, page, table

RESULTS = Path(__file__).resolve().parents[2] / 'docs' / 'results'
# One document of each command.
DOCUMENTS = {
    'restage demo': 'demo',
    'restage bench': 'bench',
    'restage compare': 'compare',
    'restage scale': 'scale',
    'restage plan': 'plan-fastestdet',
    'restage coverage': 'coverage',
    'restage study': 'study',
    'restage sample': 'sample-resnet',
    'restage harden': 'harden-resnet',
    'restage evaluate': 'evaluate',
}
MOST_KEYS = 12


def reports_page() -> str:
    """Return the page."""
    return page(
        'Report files',
        'Every document is one JSON object with a number under `schema`, the machine, the '
        'versions, the raw samples and, where something is drawn, the seed. The number is raised '
        'when a key is renamed, removed or given another meaning; new keys may come without that. '
        'The tables are of the committed [results](../results/README.md): types as they are there, '
        'and what is inside.',
        *(_section(command, RESULTS / f'{name}.json') for command, name in DOCUMENTS.items()),
    )


def _section(command: str, path: Path) -> str:
    document = json.loads(path.read_text(encoding='utf-8'))
    rows = [[code(key), _kind(value), _inside(value)] for key, value in document.items()]
    link = f'[{path.name}](../results/{path.name})'
    return f'## {command}\n\nFrom {link}.\n\n' + table(['key', 'type', 'inside'], rows)


def _kind(value: Any) -> str:
    names = {dict: 'object', str: 'string', bool: 'bool', int: 'integer', float: 'number'}
    if isinstance(value, list):
        kinds = dict.fromkeys(_kind(one) for one in value)
        return f'list of {" or ".join(f"{one}s" for one in kinds)}' if value else 'list'
    return names.get(type(value), 'null')


def _inside(value: Any) -> str:
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return ''
    keys = [code(key) for key in first]
    return ', '.join(keys[:MOST_KEYS]) + (', …' if len(keys) > MOST_KEYS else '')
