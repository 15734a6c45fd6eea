# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which program is checked how; one that is not here is an error, so that nothing escapes."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from collections.abc import Callable

from packaging.requirements import InvalidRequirement, Requirement

from doccheck.docker_command import check_docker
from doccheck.files import Files
from doccheck.pages import ROOT
from doccheck.restage_command import check_restage
from doccheck.ros2_command import check_ros2
from doccheck.shell import PUT_OUT, Command, commands
from doccheck.wrong import WrongError


def check_command(command: Command, files: Files) -> None:
    """
    Check one command of a shell block.

    :raises WrongError: when it would not work, or is of no known kind.
    """
    if not command.words:
        return
    program = command.words[0].removeprefix('.venv/bin/')
    if program == 'sudo':
        check_command(Command(command.words[1:], command.variables), files)
        return
    if program not in CHECKS:
        raise WrongError(
            f"'{program}' is of no category: add a check to tools/doccheck/programs.py; "
            f'there are: {", ".join(CHECKS)}'
        )
    CHECKS[program](command, files)


def _make(command: Command, files: Files) -> None:
    makefile = (ROOT / 'Makefile').read_text(encoding='utf-8')
    words = [word for word in command.words[1:] if '=' in word]
    for name in [*command.variables, *(word.partition('=')[0] for word in words)]:
        read = re.search(rf'^{name} \?=|\$\({name}\)', makefile, re.MULTILINE)
        if name != 'RESTAGE_PIP_ARGS' and not read:
            raise WrongError(f"the Makefile does not read '{name}'")
    done = subprocess.run(
        ['make', '-n', *command.words[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise WrongError(done.stderr.strip())
    if '-m envsetup' in done.stdout:
        files.make('.venv')
    for line in done.stdout.splitlines():
        if line.startswith('.venv/bin/restage '):
            for one in commands(line):
                check_restage(one, files)


def _pip(command: Command, files: Files) -> None:
    verb, *words = command.words[1:]
    if verb != 'install':
        raise WrongError(f"'pip {verb}' is not checked")
    extras = set(re.findall(r"^        '(\w+)': \[", (ROOT / 'setup.py').read_text(), re.MULTILINE))
    while words:
        word = words.pop(0)
        if word == '-r':
            files.check(words.pop(0))
            continue
        try:
            wanted = Requirement(word)
        except InvalidRequirement as error:
            raise WrongError(f"'{word}': {error}") from None
        if wanted.name == 'restage' and not wanted.extras <= extras:
            raise WrongError(f"extras of '{word}'; there are: {', '.join(sorted(extras))}")


def _python(command: Command, files: Files) -> None:
    words = command.words[1:]
    if words[0] != '-m':
        files.check(words[0])
        return
    module, rest = words[1], words[2:]
    if module == 'venv':
        files.make(rest[-1])
    elif module in CHECKS:
        CHECKS[module](Command((module, *rest)), files)
    elif importlib.util.find_spec(module) is None:
        raise WrongError(f"no module '{module}'")


def _tests(command: Command, files: Files) -> None:
    for word in command.words[1:]:
        path, _, name = word.partition('::')
        if '/' in path:
            files.check(path)
            if name and f'def {name}(' not in (ROOT / path).read_text(encoding='utf-8'):
                raise WrongError(f"no test '{name}' in {path}")


def _paths_of(option: str) -> Callable[[Command, Files], None]:
    """Return a check of the paths that follow ``option``."""

    def check(command: Command, files: Files) -> None:
        words = list(command.words)
        for word in words[words.index(option) + 1 :]:
            if word.startswith('-'):
                break
            files.check(word)
        if command.words[0] == 'colcon':
            files.make('install')

    return check


def _source(command: Command, files: Files) -> None:
    path = command.words[1]
    if path != '/opt/ros/kilted/setup.bash':
        files.check(path)


def _export(command: Command, files: Files) -> None:
    for word in command.words[1:]:
        name, equals, value = word.partition('=')
        if not equals or not name.isidentifier():
            raise WrongError(f"'{word}' is no assignment")
        if '/' in value:
            files.check(value.replace(f'{PUT_OUT}/', '').replace('$PWD/', ''))


def _umask(command: Command, _files: Files) -> None:
    if not re.fullmatch(r'0?[0-7]{3}', command.words[-1]):
        raise WrongError(f"'{command}' is no mask")


def _sysctl(command: Command, _files: Files) -> None:
    for word in command.words[1:]:
        if word != '-w' and not re.fullmatch(r'net\.core\.[rw]mem_max=\d+', word):
            raise WrongError(f"'{word}' of sysctl is not known")


def _git(command: Command, _files: Files) -> None:
    if command.words[1:] != ('commit', '--signoff'):
        raise WrongError('of git only `git commit --signoff` is known')


def _curl(command: Command, _files: Files) -> None:
    for word in command.words[1:]:
        if '://' in word and not re.match(r'https?://(127\.0\.0\.1|localhost)[:/]', word):
            raise WrongError(f"'{word}' is not on this machine")


def _docker(command: Command, files: Files) -> None:
    check_docker(command, files, check_command)


CHECKS: dict[str, Callable[[Command, Files], None]] = {
    'restage': check_restage,
    'ros2': check_ros2,
    'make': _make,
    'docker': _docker,
    'pip': _pip,
    'python': _python,
    'python3': _python,
    'pytest': _tests,
    'launch_test': _tests,
    'colcon': _paths_of('--base-paths'),
    'rosdep': _paths_of('--from-paths'),
    'source': _source,
    'export': _export,
    'umask': _umask,
    'sysctl': _sysctl,
    'git': _git,
    'curl': _curl,
    'pip-audit': _paths_of('-r'),
}
