# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Orders of the recovery node, from the service's request."""

from __future__ import annotations

import re
from dataclasses import dataclass

from restage_msgs.srv import CommandRecovery

from restage.nodes.stamps import frame_ns
from restage.nodes.unusable import UnusableMessageError
from restage.stages.commands import Order, Tier
from restage.stages.frame import ResumeJob

ASKED = CommandRecovery.Request

IN_PLACE = {
    ASKED.RETRY_STAGE: Tier.RETRY_STAGE,
    ASKED.RELOAD_WEIGHTS: Tier.RELOAD_WEIGHTS,
    ASKED.RELOAD_MODEL: Tier.RELOAD_MODEL,
    ASKED.DROP_FRAME: Tier.DROP_FRAME,
}
# It names a file in the store, too.
_NODE = re.compile(r'[A-Za-z_]\w*', re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """
    Be primary of ``epoch``; finish ``resume`` first, if there is one.

    ``after``: by camera, the last frame that was dealt with; empty: none.
    """

    epoch: int
    after: tuple[int, ...] = ()
    resume: ResumeJob | None = None


def order_of(request: CommandRecovery.Request, cameras: int) -> Order | Promotion:
    """
    Return what ``request`` asks of a node with so many ``cameras``.

    :raises UnusableMessageError: when that makes no sense; says what is accepted.
    """
    stamp_ns = frame_ns(request.frame)
    if request.tier in IN_PLACE:
        return Order(stamp_ns, IN_PLACE[request.tier], request.boundary, request.attempt)
    if request.tier not in (ASKED.FAILOVER, ASKED.PROMOTE):
        raise UnusableMessageError(
            f'unknown tier {request.tier}; accepted: 0 to 5, see CommandRecovery.srv'
        )
    after = tuple(frame_ns(stamp) for stamp in request.after)
    if after and len(after) != cameras:
        raise UnusableMessageError(
            f'the order is about {len(after)} cameras, this node has {cameras}: '
            'give all nodes the same cameras'
        )
    if request.tier == ASKED.PROMOTE or not request.has_frame:
        return Promotion(epoch=request.epoch, after=after)
    if not _NODE.fullmatch(request.from_node):
        raise UnusableMessageError(
            f"'from_node' is '{request.from_node}'; accepted: the name of a node"
        )
    resume = ResumeJob(stamp_ns=stamp_ns, from_node=request.from_node, boundary=request.boundary)
    return Promotion(epoch=request.epoch, after=after, resume=resume)
