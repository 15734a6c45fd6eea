# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the coordinator needs of the outside world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from restage.checkpoint.boundaries import NO_CHECKPOINT
from restage.checkpoint.progress import FaultNote, Progress
from restage.recovery.case import RecoveryCase
from restage.recovery.policy import Tier


@dataclass(frozen=True, kw_only=True)
class NodeOrder:
    """
    An order to a detection node; the fields of restage_msgs/CommandRecovery.

    ``after``: of a promotion, the last frame that was dealt with, by camera. ``attempt``: of an
    order about an error in place, the try that erred.
    """

    number: int
    promote: bool = False
    tier: Tier | None = None
    epoch: int = 0
    stamp_ns: int = 0
    attempt: int = 0
    after: tuple[int, ...] = ()
    has_frame: bool = False
    boundary: int = NO_CHECKPOINT
    from_node: str = ''


@dataclass(frozen=True, kw_only=True)
class NodeMarks:
    """What a node's file in the store says; also of a dead node."""

    progress: Progress
    fault: FaultNote | None
    stages: tuple[str, ...]
    boundaries: tuple[int, ...]


class Port(Protocol):
    """Implemented by the recovery node over ROS, by tests in memory."""

    def configure(self, node: str) -> None:
        """Ask ``node`` to configure itself."""

    def deactivate(self, node: str) -> None:
        """Ask ``node`` to become inactive."""

    def order(self, node: str, order: NodeOrder) -> None:
        """Send ``order`` to ``node``."""

    def marks(self, node: str) -> NodeMarks | None:
        """Read ``node``'s file in the store."""

    def fence(self, epoch: int) -> None:
        """Let no epoch but ``epoch`` publish from now on."""

    def watch(self, node: str, pid: int) -> bool:
        """Watch the process; False when it is gone already."""

    def alive(self, pid: int) -> bool:
        """Return whether the process exists."""

    def kill(self, node: str, pid: int, detector: str, why: str) -> None:
        """Kill a living process; its death is reported as by ``detector``, for ``why``."""

    def finished(self, case: RecoveryCase) -> None:
        """Record and publish a finished recovery."""

    def log(self, text: str) -> None:
        """Say something to the operator."""
