# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A whole system up and ready, with its camera running and an observer beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from restage_msgs.msg import Heartbeat

from restage.harness.domain import own_domain
from restage.harness.observer import Observed, Observer, observing
from restage.harness.running_system import RunningSystem
from restage.system import NodeSpec, SystemOptions, describe_system

READY_S = 60.0


class NotReadyError(RuntimeError):
    """The system did not come up; the message holds what its nodes printed."""


@dataclass
class Session:
    """The processes and what they say."""

    system: RunningSystem
    observer: Observer
    camera: NodeSpec

    def start_camera(self) -> None:
        """Start the camera: the first frame finds the whole system ready."""
        self.system.start(self.camera)

    def wait_ready(self, standbys: int, timeout_s: float = READY_S) -> None:
        """
        Wait until there are a primary and ``standbys`` standbys.

        :raises NotReadyError: when they are not there in time.
        """

        def ready(seen: Observed) -> bool:
            roles = [message.role for message in seen.heartbeats.values()]
            return (
                roles.count(Heartbeat.ROLE_PRIMARY) == 1
                and roles.count(Heartbeat.ROLE_STANDBY) >= standbys
            )

        if not self.observer.wait_for(ready, timeout_s):
            said = '\n'.join(
                f'--- {name}\n{node.text()[-2000:]}' for name, node in self.system.nodes.items()
            )
            raise NotReadyError(f'the system was not ready within {timeout_s:.0f} s\n{said}')


@contextlib.contextmanager
def session(options: SystemOptions, log_folder: Path) -> Iterator[Session]:
    """
    Run a system in a ROS domain of its own; the camera is not started yet.

    :raises NotReadyError: when primary and standby do not come up.
    """
    *specs, camera = describe_system(options)
    with contextlib.ExitStack() as stack:
        domain = stack.enter_context(own_domain())
        observer = stack.enter_context(observing(domain))
        system = stack.enter_context(RunningSystem(specs, domain=domain, log_folder=log_folder))
        running = Session(system, observer, camera)
        running.wait_ready(standbys=1 if options.with_recovery else 0)
        yield running
