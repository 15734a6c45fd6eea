# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The commands of ``restage``, from their own parsers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from reference.markdown import code, page, table
from restage.cli import make_parser

ROOT = Path(__file__).resolve().parents[2]


def commands_page() -> str:
    """Return the page."""
    parser = make_parser()
    (commands,) = (
        action for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    )
    return page(
        'Commands',
        f'`restage COMMAND --help` prints the same. {parser.epilog}',
        *(_section(name, one) for name, one in commands.choices.items()),
    )


def _section(name: str, parser: argparse.ArgumentParser) -> str:
    actions = [one for one in parser._actions if not isinstance(one, argparse._HelpAction)]
    words = [_metavar(one) for one in actions if not one.option_strings]
    usage = ' '.join(['restage', name, *words, '[OPTIONS]'])
    formatter = argparse.HelpFormatter('restage')
    rows = [
        [
            code(', '.join(one.option_strings) or _metavar(one)),
            _accepted(one),
            _default(one),
            formatter._expand_help(one) if one.help else '',
        ]
        for one in actions
    ]
    head = ['argument', 'value', 'default', 'meaning']
    parts = [f'## restage {name}', _sentence(parser.description or ''), f'```text\n{usage}\n```']
    if parser.epilog:
        parts.append(parser.epilog)
    return '\n\n'.join([*parts, table(head, rows)])


def _sentence(text: str) -> str:
    return f'{text[:1].upper()}{text[1:].rstrip(".")}.'


def _metavar(action: argparse.Action) -> str:
    name = action.metavar or action.dest.upper()
    text = str(name if isinstance(name, str) else ' '.join(name))
    if action.nargs in ('*', '+'):
        return f'[{text} ...]' if action.nargs == '*' else f'{text} [{text} ...]'
    return f'[{text}]' if action.nargs == '?' else text


def _accepted(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ''
    if action.choices:
        return ', '.join(code(one) for one in action.choices)
    kinds: dict[Any, str] = {int: 'whole number', float: 'number', Path: 'path', None: 'text'}
    return kinds.get(action.type, 'list, with commas')


def _default(action: argparse.Action) -> str:
    value = action.default
    if action.required and action.option_strings:
        return 'required'
    if value in (None, '', False, [], argparse.SUPPRESS):
        return ''
    if isinstance(value, Path):
        value = value.relative_to(ROOT) if value.is_absolute() else value
    return 'all' if isinstance(value, tuple) and len(value) > 1 else code(_plain(value))


def _plain(value: object) -> str:
    return ', '.join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
