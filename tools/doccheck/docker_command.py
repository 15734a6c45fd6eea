# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Commands of docker: against compose.yaml and the Dockerfiles."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import yaml

from doccheck.files import Files
from doccheck.pages import ROOT
from doccheck.shell import Command
from doccheck.shell import command as command_of
from doccheck.wrong import WrongError

IMAGES = ('restage', 'restage:jetson')
# Options of `docker run` and `docker build` that have a value of their own.
WITH_VALUE = ('-f', '-t', '-v', '-e', '--build-arg', '--gpus', '--runtime', '--name', '--pid')
ALONE = ('--rm', '-it', '-d')
Check = Callable[[Command, Files], None]


def check_docker(command: Command, files: Files, check: Check) -> None:
    """
    Check one command; what is run in the container is given to ``check``.

    :raises WrongError: when it names what is not there.
    """
    verb, *words = command.words[1:]
    if verb == 'compose':
        _compose(words, command.variables)
    elif verb == 'build':
        _build(words)
    elif verb == 'run':
        _run(words, files, check)
    else:
        raise WrongError(f"'docker {verb}' is not checked: add it to tools/doccheck")


def _take(words: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the options in front, with their values, and what follows."""
    options = []
    while words and words[0].startswith('-'):
        name, equals, value = words.pop(0).partition('=')
        if not equals and name in WITH_VALUE:
            value = words.pop(0)
        elif not equals and name not in ALONE:
            raise WrongError(f"'{name}' of docker is not known: add it to tools/doccheck")
        options.append((name, value))
    return options, words


def _build(words: list[str]) -> None:
    options, (context, *_) = _take(words)
    file = dict(options).get('-f', 'Dockerfile')
    if context != '.' or not (ROOT / file).is_file():
        raise WrongError(f"no '{file}' in '{context}'")
    arguments = re.findall(r'^ARG (\w+)', (ROOT / file).read_text(encoding='utf-8'), re.MULTILINE)
    for name, value in options:
        if name == '--build-arg' and value.partition('=')[0] not in arguments:
            raise WrongError(f"'{file}' has no argument '{value}'; it has: {', '.join(arguments)}")
        if name == '-t' and value not in IMAGES:
            raise WrongError(f"image '{value}'; the others are called {', '.join(IMAGES)}")


def _run(words: list[str], files: Files, check: Check) -> None:
    options, (image, *inside) = _take(words)
    if image not in IMAGES:
        raise WrongError(f"image '{image}'; built are {', '.join(IMAGES)}")
    mounted = Files(set(files.made))
    for name, value in options:
        if name == '-v':
            source, target, *_ = value.split(':')
            if not source.startswith(('$', '/')):
                raise WrongError(f"'{source}' of -v is not absolute")
            mounted.make(target)
    if inside:
        check(command_of(inside), mounted)


def _compose(words: list[str], variables: dict[str, str]) -> None:
    path = Path(words[words.index('-f') + 1])
    text = (ROOT / path).read_text(encoding='utf-8')
    services = yaml.safe_load(text)['services']
    profiles = {name for one in services.values() for name in one.get('profiles', ())}
    unknown = set(variables) - set(re.findall(r'\$\{(\w+)', text))
    if unknown:
        raise WrongError(f'{path} does not read {", ".join(sorted(unknown))}')
    if '--profile' in words and words[words.index('--profile') + 1] not in profiles:
        raise WrongError(f'{path} has the profiles {", ".join(profiles)}')
    verb = next(at for at, word in enumerate(words) if word in ('up', 'run', 'down', 'logs'))
    rest = [word for word in words[verb + 1 :] if not word.startswith('-')]
    named = rest[:1] if words[verb] == 'run' else rest
    for service in named:
        if service not in services:
            raise WrongError(f"no service '{service}' in {path}; it has {', '.join(services)}")
    if words[verb] == 'run' and rest[0] == 'inject':
        from doccheck.restage_command import check_restage

        check_restage(Command(('restage', 'inject', *rest[1:])), Files())
