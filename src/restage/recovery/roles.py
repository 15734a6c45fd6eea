# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which detection node is primary: given here alone, and whoever has the newest epoch is it."""

from __future__ import annotations

import time
from collections.abc import Callable

from restage.recovery.breaker import Breaker
from restage.recovery.ports import NodeOrder, Port
from restage.recovery.roster import Lifecycle, Member, Roster

# After an order that brings a node up, so long until it is given again.
RETRY_ORDER_NS = 5_000_000_000
# In a store whose primary may still work, so long for it to be heard before another is made.
ADOPTION_NS = 3_000_000_000
# lifecycle_msgs/State of a node that somebody has shut down: it lives on, and does nothing more.
FINALIZED = 4


class Roles:
    """
    Brings every node where it should be; called under the coordinator's lock.

    ``reserved``: the only node that may become primary next; empty: any.
    """

    def __init__(
        self,
        roster: Roster,
        port: Port,
        breaker: Breaker,
        *,
        epoch: int,
        adopt: bool,
        newest: Callable[[], tuple[int, ...]],
    ) -> None:
        """
        Give epochs after ``epoch``; with ``adopt``, wait for the primary it was given to.

        ``newest``: the last frame that was dealt with, by camera.
        """
        self.reserved = ''
        self._roster = roster
        self._port = port
        self._breaker = breaker
        self._newest = newest
        self._epoch = epoch
        self._adopt_until_ns = time.monotonic_ns() + ADOPTION_NS if adopt else 0

    def place(self, member: Member, number: int, epoch: int) -> None:
        """Take in the lifecycle state of ``member``; order what it should do next."""
        if number == FINALIZED:
            self._shut_down(member)
            return
        now = time.monotonic_ns()
        ordered = member.state is Lifecycle.ACTIVE and now < member.busy_until_ns
        if number not in tuple(Lifecycle) or (ordered and number != Lifecycle.ACTIVE):
            return  # in transition, or the order to be primary has not got through yet
        state = Lifecycle(number)
        if member.state is not state:
            member.busy_until_ns = 0  # whatever was ordered has been done
        member.state = state
        if member.state is Lifecycle.ACTIVE:
            self._on_active(member, epoch)
            return
        if self._roster.primary is member:
            self._roster.primary = None
        if now < member.busy_until_ns:
            return
        if member.state is Lifecycle.UNCONFIGURED:
            member.busy_until_ns = now + RETRY_ORDER_NS
            self._port.configure(member.name)
        elif member.state is Lifecycle.INACTIVE and self._may_be_primary(member, now):
            order = NodeOrder(number=0, promote=True, epoch=self.next_epoch(), after=self._newest())
            self.promote(member, order)

    def _shut_down(self, member: Member) -> None:
        if member.state is not Lifecycle.ABSENT:
            self._port.log(f'{member.name} was shut down: it is not counted on any more')
        member.state = Lifecycle.ABSENT
        member.busy_until_ns = 0
        if self._roster.primary is member:
            self._roster.primary = None

    def _may_be_primary(self, member: Member, now: int) -> bool:
        return (
            self._roster.primary is None
            and (now >= self._adopt_until_ns or self._roster.is_complete())
            and self.reserved in ('', member.name)
            and self._breaker.allows(now)
        )

    def _on_active(self, member: Member, epoch: int) -> None:
        if epoch < self._epoch:
            if self._roster.primary is not member:
                self._port.deactivate(member.name)
            return
        member.epoch = self._epoch = epoch
        member.busy_until_ns = 0
        self._roster.primary = member

    def promote(self, member: Member, order: NodeOrder) -> None:
        """Make ``member`` primary."""
        # First the fence, then the order: never two nodes that may publish.
        self._port.fence(order.epoch)
        self._roster.promote(member, order.epoch)
        self.reserved = ''
        member.busy_until_ns = time.monotonic_ns() + RETRY_ORDER_NS
        self._port.order(member.name, order)

    def refused(self, member: Member, why: str) -> None:
        """Learn that ``member`` did not accept its promotion: it is no primary."""
        self._port.log(f'{member.name} refused its order: {why}')
        if self._roster.primary is member:
            self._roster.primary = None
            member.state = Lifecycle.ABSENT
        member.busy_until_ns = 0

    def next_epoch(self) -> int:
        """Return an epoch that was never given before."""
        self._epoch += 1
        return self._epoch
