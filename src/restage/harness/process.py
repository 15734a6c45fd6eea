# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One node as a process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from restage.system import NodeSpec, Parameter


def command_of(spec: NodeSpec) -> list[str]:
    """Return the command line that starts ``spec``."""
    words = [sys.executable, '-m', f'restage.nodes.{spec.executable}', '--ros-args']
    words += ['-r', f'__node:={spec.name}', '--enclave', spec.enclave, '--log-level', 'info']
    for topic, other in spec.remappings.items():
        words += ['-r', f'{topic}:={other}']
    for name, value in spec.parameters.items():
        # JSON is YAML, which is what rcl reads a parameter's value as.
        words += ['-p', f'{name}:={_yaml(value)}']
    return words


def _yaml(value: Parameter) -> str:
    """
    Return ``value`` as JSON that is also YAML to rcl, which knows no surrogate pairs.

    Everything else that is not ASCII stays escaped: rcl refuses some of it raw.
    """

    def joined(pair: re.Match[str]) -> str:
        return str(json.loads(f'"{pair.group()}"'))

    return re.sub(r'\\ud[89ab]..\\ud[c-f]..', joined, json.dumps(value))


class NodeProcess:
    """A node that can be started again; its output goes to one log file."""

    def __init__(self, spec: NodeSpec, environment: Mapping[str, str], log: Path) -> None:
        """Start the node."""
        self.spec = spec
        self.starts = 0
        self._environment = dict(environment)
        self._log = log
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        with self._log.open('ab') as log:
            return subprocess.Popen(
                command_of(self.spec),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        """The process, the latest one."""
        return self.process.pid

    def ended(self) -> int | None:
        """Return the exit status if the process has ended (negative: the signal), reaping it."""
        return self.process.poll()

    def restart(self) -> None:
        """Start the node again after it ended."""
        self.process = self._start()

    def text(self) -> str:
        """Return what the node has printed so far, over all its starts."""
        return self._log.read_text(errors='replace')
