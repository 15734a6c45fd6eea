# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Two hosts on this machine: network namespaces with a cable between them."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from restage.harness.process import NodeProcess, command_of
from restage.system import NodeSpec

TEST_S = 570
_PORT = 'cable'
_PREFIX = 'restage-'
_OWN_MEMORY = ('mount', '-t', 'tmpfs', 'shm', '/dev/shm')
_TIMEOUT_S = 60.0
_ENTERED = 'RESTAGE_TEST_HOSTS'
_ROOT = Path(__file__).resolve().parents[2]


def why_not() -> str:
    """Return why there can be no second host here, or an empty string."""
    if os.geteuid() != 0:
        return 'network namespaces need root'
    if shutil.which('ip') is None:
        return 'there is no `ip` (Debian: iproute2)'
    probe = f'{_PREFIX}{os.getpid()}-probe'
    try:
        _run('ip', 'netns', 'add', probe)
        try:
            _run('ip', 'netns', 'exec', probe, *_OWN_MEMORY)
        finally:
            _run('ip', 'netns', 'del', probe)
    except subprocess.SubprocessError as error:
        return f'network namespaces are not permitted: {error}'
    return ''


@dataclass(frozen=True)
class Hosts:
    """``here`` and ``there``, network namespaces by name."""

    here: str
    there: str

    def cut(self) -> None:
        """Pull the cable: ``there`` has no link any more, ``here`` no carrier."""
        _run('ip', '-n', self.there, 'link', 'set', _PORT, 'down')

    def plug(self) -> None:
        """Plug the cable in again."""
        _run('ip', '-n', self.there, 'link', 'set', _PORT, 'up')

    def run_here(self, test: str) -> None:
        """Run the test with that id in a process of its own on host ``here``."""
        words = ('-m', 'pytest', '-q', '-p', 'no:cacheprovider', f'--timeout={TEST_S}', test)
        done = subprocess.run(
            ['ip', 'netns', 'exec', self.here, sys.executable, *words],
            check=False,
            capture_output=True,
            text=True,
            cwd=_ROOT,
            env={**os.environ, _ENTERED: f'{self.here} {self.there}'},
        )
        assert done.returncode == 0, done.stdout + done.stderr


def run_here(test: Callable[..., None]) -> Callable[..., None]:
    """
    Let ``test`` run in a process of its own on host ``here``; it takes the fixture ``hosts``.

    Fast DDS asks once in a process which network interfaces there are.
    """

    @functools.wraps(test)
    def run(hosts: Hosts, **others: object) -> None:
        if _ENTERED in os.environ:
            test(hosts=hosts, **others)
        else:
            hosts.run_here(os.environ['PYTEST_CURRENT_TEST'].rsplit(' ', 1)[0])

    return run


@contextlib.contextmanager
def two_hosts() -> Iterator[Hosts]:
    """
    Make two hosts with a cable between them; nothing is left of them afterwards.

    In a process that is on one of them: those that there are.
    """
    if _ENTERED in os.environ:
        yield Hosts(*os.environ[_ENTERED].split())
        return
    _clean_stale()
    hosts = Hosts(*(f'{_PREFIX}{os.getpid()}-{which}' for which in ('here', 'there')))
    with contextlib.ExitStack() as stack:
        for name in (hosts.here, hosts.there):
            _run('ip', 'netns', 'add', name)
            stack.callback(_remove, name)
        far_end = ('peer', 'name', _PORT, 'netns', hosts.there)
        _run('ip', 'link', 'add', _PORT, 'netns', hosts.here, 'type', 'veth', *far_end)
        for number, name in enumerate((hosts.here, hosts.there), 1):
            _run('ip', '-n', name, 'link', 'set', 'lo', 'up')
            _run('ip', '-n', name, 'address', 'add', f'10.77.0.{number}/24', 'dev', _PORT)
            _run('ip', '-n', name, 'link', 'set', _PORT, 'up')
        yield hosts


class RemoteNode(NodeProcess):
    """
    A node on another host, with a /dev/shm of its own.

    ``shares_memory``: it is in a container on the same machine instead, and sees this /dev/shm.
    """

    def __init__(
        self,
        host: str,
        spec: NodeSpec,
        environment: Mapping[str, str],
        log: Path,
        *,
        shares_memory: bool = False,
    ) -> None:
        """Start the node on ``host``."""
        self._host = host
        self._memory = ':' if shares_memory else ' '.join(_OWN_MEMORY)
        super().__init__(spec, environment, log)

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        # `ip netns exec` gives the command a mount namespace of its own, and becomes it.
        shell = ('sh', '-c', f'{self._memory} && exec "$@"', 'sh')
        with self._log.open('ab') as log:
            return subprocess.Popen(
                ['ip', 'netns', 'exec', self._host, *shell, *command_of(self.spec)],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def _clean_stale() -> None:
    """Remove what a run has left that was killed itself."""
    for line in _run('ip', 'netns', 'list').splitlines():
        name = line.split()[0]
        pid = name.removeprefix(_PREFIX).split('-')[0]
        if name.startswith(_PREFIX) and pid.isdigit() and not Path(f'/proc/{pid}').exists():
            _remove(name)


def _remove(name: str) -> None:
    """End what still runs in a namespace, and remove it."""
    for word in _run('ip', 'netns', 'pids', name).split():
        if int(word) != os.getpid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(word), signal.SIGKILL)
    _run('ip', 'netns', 'del', name)


def _run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_TIMEOUT_S)
    if done.returncode != 0:
        raise subprocess.SubprocessError(f'{" ".join(command)}: {done.stderr.strip()}')
    return done.stdout
