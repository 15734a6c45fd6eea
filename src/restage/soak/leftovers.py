# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is still there when all is over: processes, files in shared memory."""

from __future__ import annotations

import os
from pathlib import Path

from restage.harness.running_system import RunningSystem
from restage.soak.resources import stores

# In the environment of every process that the soak starts, and of theirs.
MARK = 'RESTAGE_SOAK'


def orphans(mark: str) -> list[str]:
    """Return the processes that carry ``mark`` in their environment, but this one."""
    wanted = f'{MARK}={mark}'.encode()
    found = []
    for process in Path('/proc').iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            environment = (process / 'environ').read_bytes()
            command = (process / 'cmdline').read_bytes()
        except OSError:
            continue
        if wanted in environment.split(b'\0'):
            words = command.replace(b'\0', b' ').decode(errors='replace')
            found.append(f'process {process.name} still runs: {words[:120]}')
    return found


def left_behind(system: RunningSystem, mark: str) -> list[str]:
    """Return in words what a system that has ended left behind."""
    found = orphans(mark)
    found += [f'{folder} is still there' for folder in stores(system.domain)]
    found += [
        f'{name} ended with status {node.process.returncode} when it was told to end'
        for name, node in system.nodes.items()
        if node.process.returncode != 0
    ]
    return found
