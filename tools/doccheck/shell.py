# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From the text of a shell block to its commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from doccheck.wrong import WrongError

_ASSIGNMENT = re.compile(r'([A-Za-z_]\w*)=(.*)', re.DOTALL)
_SUBSTITUTION = re.compile(r'\$\(([^()]*)\)')
# Stands for what a command in $( ) puts out.
PUT_OUT = 'PUT_OUT'


@dataclass(frozen=True)
class Command:
    """The words of one command, and the variables set for it."""

    words: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it as one would type it."""
        return shlex.join(
            [*(f'{name}={text}' for name, text in self.variables.items()), *self.words]
        )


def commands(text: str) -> Iterator[Command]:
    """
    Return every command in ``text``, those in $( ) before the one that they are part of.

    :raises WrongError: for quotes that do not end.
    """
    for line in text.replace('\\\n', ' ').splitlines():
        for inner in _SUBSTITUTION.findall(line):
            yield from commands(inner)
        line = _SUBSTITUTION.sub(PUT_OUT, line)
        try:
            lexer = shlex.shlex(line, posix=True, punctuation_chars='|&;')
            lexer.whitespace_split = True
            words = list(lexer)
        except ValueError as error:
            raise WrongError(f'{line!r}: {error}') from None
        yield from _split(words)


def _split(words: list[str]) -> Iterator[Command]:
    part: list[str] = []
    for word in [*words, ';']:
        if word.strip('|&;'):
            part.append(word)
        elif part:
            yield command(part)
            part = []


def command(words: list[str]) -> Command:
    """Return the command of these words, assignments in front of it taken off."""
    variables = {}
    for at, word in enumerate(words):
        found = _ASSIGNMENT.fullmatch(word)
        if not found:
            return Command(tuple(words[at:]), variables)
        variables[found[1]] = found[2]
    return Command((), variables)
