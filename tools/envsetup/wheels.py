# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Make the virtual environment and install the wheels into it."""

from __future__ import annotations

import hashlib
import os
import shlex
import sys
from pathlib import Path

from .paths import REQUIREMENTS, ROOT, VENV, VENV_PYTHON
from .run import run, say

STAMP = VENV / '.restage-wheels'
OPTIONAL = ['study.txt']


def _digest(files: list[str]) -> str:
    text = sys.version + ''.join((REQUIREMENTS / name).read_text() for name in files)
    text += (ROOT / 'setup.py').read_text()
    return hashlib.sha256(text.encode()).hexdigest()


def install_wheels(*, system_ros: bool) -> None:
    """Bring ``.venv`` to what ``requirements/`` says; nothing to do if it already is."""
    files = ['runtime.txt', 'campaign.txt', 'dev.txt']
    if not system_ros:
        files = ['ros.txt', 'ros-build.txt', *files]
    digest = _digest([*files, *OPTIONAL])
    if STAMP.exists() and STAMP.read_text() == digest:
        say('.venv is up to date')
        return
    if not VENV_PYTHON.exists():
        say(f'making .venv with Python {sys.version.split()[0]}')
        extra = ['--system-site-packages'] if system_ros else []
        run([sys.executable, '-m', 'venv', *extra, VENV])
    pip = [VENV_PYTHON, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
    pip += shlex.split(os.environ.get('RESTAGE_PIP_ARGS', ''))
    for name in files:
        say(f'installing requirements/{name}')
        run([*pip, '-r', REQUIREMENTS / name])
    for name in OPTIONAL:
        say(f'installing requirements/{name}')
        _install_what_there_is(pip, name)
    say('installing restage itself (editable)')
    run([*pip, '--no-deps', '--no-build-isolation', '-e', ROOT])
    STAMP.write_text(digest)


def _install_what_there_is(pip: list[Path | str], name: str) -> None:
    """Install what the file names, at once; if that fails, what can be."""
    try:
        run([*pip, '-r', REQUIREMENTS / name])
    except SystemExit:
        for line in (REQUIREMENTS / name).read_text().splitlines():
            if line and not line.startswith('#'):
                try:
                    run([*pip, line])
                except SystemExit:
                    say(f'without {line}')
