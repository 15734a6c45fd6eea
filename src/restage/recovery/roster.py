# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The detection nodes: which lives, which is primary, which is ready to take over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum


class Lifecycle(IntEnum):
    """The ids of lifecycle_msgs/State that matter here; ABSENT: no process is known."""

    ABSENT = 0
    UNCONFIGURED = 1
    INACTIVE = 2
    ACTIVE = 3


@dataclass
class Member:
    """
    What is known of one detection node.

    ABSENT → UNCONFIGURED → INACTIVE (standby) → ACTIVE (primary) → ABSENT (dead) → ...
    ``silent_ticks``: how often the recovery node has looked since the last heartbeat.
    ``rivals``: other living processes that use the name. ``beats_of_dead``: heartbeats heard of
    processes that are counted as dead, by pid.
    ``busy_until_ns``: an order is under way; the next is not given before that time.
    ``remote``: on another host, where its process cannot be watched nor its store be read.
    """

    name: str
    state: Lifecycle = Lifecycle.ABSENT
    pid: int = 0
    epoch: int = 0
    busy_until_ns: int = 0
    silent_ticks: int = 0
    remote: bool = False
    rivals: set[int] = field(default_factory=set)
    dead_pids: set[int] = field(default_factory=set)
    beats_of_dead: Counter[int] = field(default_factory=Counter)


class Roster:
    """The members by name, in order of preference."""

    def __init__(self, names: list[str]) -> None:
        """Expect nodes called ``names``."""
        self.members = {name: Member(name) for name in names}
        self.primary: Member | None = None

    def standby(self) -> Member | None:
        """Return a member that can take over at once."""
        for member in self.members.values():
            if member.state is Lifecycle.INACTIVE and member is not self.primary:
                return member
        return None

    def is_complete(self) -> bool:
        """Return whether every member has been heard."""
        return all(member.state is not Lifecycle.ABSENT for member in self.members.values())

    def promote(self, member: Member, epoch: int) -> None:
        """Note that ``member`` was ordered to be primary."""
        member.epoch = epoch
        member.state = Lifecycle.ACTIVE
        self.primary = member

    def died(self, member: Member) -> None:
        """Note that the process of ``member`` is gone."""
        member.dead_pids.add(member.pid)
        member.pid = 0
        member.state = Lifecycle.ABSENT
        member.busy_until_ns = 0
        if self.primary is member:
            self.primary = None
