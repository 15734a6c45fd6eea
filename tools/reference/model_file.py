# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The keys of a model's description, from its JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reference.markdown import code, page, table

SCHEMA = Path(__file__).resolve().parents[2] / 'config' / 'models' / 'schema.json'


def model_page() -> str:
    """Return the page."""
    schema = json.loads(SCHEMA.read_text(encoding='utf-8'))
    return page(
        'Model description',
        f'{schema["description"]} From `config/models/schema.json`, against which a description is '
        'checked; [Your own model](../models.md) explains it. Bold: required.',
        table(['key', 'accepted', 'default', 'meaning'], _rows(schema, schema, '')),
    )


def _rows(root: dict[str, Any], schema: dict[str, Any], prefix: str) -> Iterator[list[str]]:
    for name, one in schema.get('properties', {}).items():
        if '$ref' in one:
            one = {**root['$defs'][one['$ref'].rpartition('/')[2]], **one}
        key = code(prefix + name)
        bold = f'**{key}**' if name in schema.get('required', ()) else key
        default = code(json.dumps(one['default'])) if 'default' in one else ''
        yield [bold, _accepted(one), default, one.get('description', '')]
        yield from _rows(root, one, f'{prefix}{name}.')


def _accepted(one: dict[str, Any]) -> str:
    if 'const' in one:
        return code(one['const'])
    if 'enum' in one:
        return ', '.join(code(value) for value in one['enum'])
    for several in ('oneOf', 'anyOf'):
        if several in one:
            return ' or '.join(_accepted(part) for part in one[several])
    kind = one.get('type', 'any')
    if kind == 'array':
        low, high = one.get('minItems'), one.get('maxItems')
        count = f'{low} of ' if low == high and low else 'list of '
        return f'{count}{_accepted(one.get("items", {}))}'
    return f'{kind}{_limits(one)}'


def _limits(one: dict[str, Any]) -> str:
    words = {
        'minimum': 'from {}',
        'exclusiveMinimum': 'above {}',
        'maximum': 'to {}',
        'exclusiveMaximum': 'below {}',
    }
    found = [text.format(one[key]) for key, text in words.items() if key in one]
    return ' ' + ' '.join(found) if found else ''
