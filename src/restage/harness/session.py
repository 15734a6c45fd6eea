# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A whole system up and ready, with its camera running and an observer beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from restage_msgs.msg import Heartbeat

from restage.harness.domain import own_domain
from restage.harness.observer import Observed, Observer, observing
from restage.harness.running_system import RunningSystem
from restage.system import (
    CAMERA,
    NodeSpec,
    Parameter,
    SystemOptions,
    cameras_of,
    describe_system,
)

READY_S = 180.0


class NotReadyError(RuntimeError):
    """The system did not come up; the message holds what its nodes printed."""


@dataclass
class Session:
    """The processes and what they say."""

    system: RunningSystem
    observer: Observer
    cameras: list[NodeSpec]

    def start_camera(self) -> None:
        """Start the cameras: the first frame finds the whole system ready."""
        for camera in self.cameras:
            self.system.start(camera)

    def with_role(self, role: int) -> list[str]:
        """Return the nodes of that role, by what the processes that run now have said."""
        nodes = self.system.nodes
        # The last word of a dead one counts for nothing.
        return [
            name
            for name, beat in sorted(dict(self.observer.seen.heartbeats).items())
            if name in nodes and beat.role == role and beat.pid == nodes[name].pid
        ]

    def wait_ready(self, standbys: int, timeout_s: float = READY_S) -> None:
        """
        Wait until there are a primary and ``standbys`` standbys.

        :raises NotReadyError: when they are not there in time.
        """

        def ready(_: Observed) -> bool:
            return (
                len(self.with_role(Heartbeat.ROLE_PRIMARY)) == 1
                and len(self.with_role(Heartbeat.ROLE_STANDBY)) >= standbys
            )

        if not self.observer.wait_for(ready, timeout_s):
            said = '\n'.join(
                f'--- {name}\n{node.text()[-2000:]}' for name, node in self.system.nodes.items()
            )
            raise NotReadyError(f'the system was not ready within {timeout_s:.0f} s\n{said}')


@contextlib.contextmanager
def session(
    options: SystemOptions,
    log_folder: Path,
    parameters: Mapping[str, Mapping[str, Parameter]] | None = None,
    *,
    namespace: str = '',
    domain: int | None = None,
) -> Iterator[Session]:
    """
    Run a system in ROS domain ``domain``, or one of its own; its cameras are not started yet.

    ``parameters``: of nodes by name, beside those that ``options`` set.

    :raises NotReadyError: when primary and standby do not come up.
    """
    extra = parameters or {}
    place = {'__ns': f'/{namespace}'} if namespace else {}
    nodes = [
        replace(
            spec,
            parameters={**spec.parameters, **extra.get(spec.name, {})},
            remappings={**spec.remappings, **place},
        )
        for spec in describe_system(options)
    ]
    cameras = [spec for spec in nodes if spec.executable == CAMERA]
    specs = [spec for spec in nodes if spec.executable != CAMERA]
    with contextlib.ExitStack() as stack:
        if domain is None:
            domain = stack.enter_context(own_domain())
        observer = stack.enter_context(observing(domain, cameras_of(options), namespace))
        system = stack.enter_context(RunningSystem(specs, domain=domain, log_folder=log_folder))
        running = Session(system, observer, cameras)
        running.wait_ready(options.standbys if options.with_recovery else 0)
        yield running
