# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Check one page: every block by its language, every command in the prose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from doccheck.files import Files
from doccheck.pages import Block, blocks, inline
from doccheck.programs import check_command
from doccheck.restage_command import check_words
from doccheck.shell import commands
from doccheck.snippets import check_python, check_yaml
from doccheck.wrong import WrongError

# Whatever it is, nobody is to type it.
FREE = ('text', '{toctree}')
# What the parser says of a command in the prose that is named without all that it needs.
INCOMPLETE = ('are required', 'expected one argument', 'expected at least one argument')


def problems(page: Path) -> Iterator[str]:
    """Return what is wrong on a page, with the place."""
    files = Files()
    for block in blocks(page):
        yield from problems_of(block, files)
    for span in inline(page):
        words = span.removeprefix('.venv/bin/').split()
        if words[:1] == ['restage'] and len(words) > 1 and words[1].islower():
            try:
                check_words(words[1:])
            except WrongError as error:
                if not any(part in str(error) for part in INCOMPLETE):
                    yield f'{page.name}: `{span}`: {error}'


def problems_of(block: Block, files: Files) -> Iterator[str]:
    """Return what is wrong with a block, after the commands that made ``files``."""
    checks = {
        'python': check_python,
        'yaml': check_yaml,
        'json': json.loads,
        'xml': ElementTree.fromstring,
    }
    try:
        if block.language == 'bash':
            yield from _of_shell(block, files)
        elif block.language in checks:
            checks[block.language](block.text)
        elif block.language not in FREE:
            known = ', '.join(['bash', *checks, *FREE])
            raise WrongError(f"a block of '{block.language}'; accepted: {known}")
    except (WrongError, ValueError, ElementTree.ParseError) as error:
        yield f'{block.place}: {error}'


def _of_shell(block: Block, files: Files) -> Iterator[str]:
    for command in commands(block.text):
        try:
            check_command(command, files)
        except WrongError as error:
            yield f'{block.place}: `{command}`: {error}'
