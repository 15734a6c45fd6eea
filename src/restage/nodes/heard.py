# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the recovery node hears of the detection nodes, looked at before it is believed."""

from __future__ import annotations

from restage_msgs.msg import Heartbeat, StageStatus

from restage.checkpoint.segment import LARGEST
from restage.nodes.stamps import frame_ns
from restage.nodes.unusable import UnusableMessageError
from restage.recovery.coordinator import SoftError

# Source: include/linux/threads.h, PID_MAX_LIMIT.
MOST_PID = 2**22


def check_heartbeat(message: Heartbeat) -> None:
    """
    Look for what no node can say of itself.

    :raises UnusableMessageError: for a process id or an epoch that is none.
    """
    if not 0 < message.pid <= MOST_PID:
        raise UnusableMessageError(
            f"'{message.node}' has the pid {message.pid}; accepted: 1 to {MOST_PID}"
        )
    if message.epoch > LARGEST:
        raise UnusableMessageError(
            f"'{message.node}' has the epoch {message.epoch}; accepted: up to {LARGEST}"
        )


def soft_error_of(message: StageStatus) -> SoftError:
    """
    Return the error that a node reports.

    :raises UnusableMessageError: when its frame has no possible stamp.
    """
    return SoftError(
        node=message.node,
        stamp_ns=frame_ns(message.header.stamp),
        stage=message.stage,
        attempt=message.attempt,
        detector=message.detector,
        error=message.error,
        latest=message.checkpoint,
        seen_ns=message.monotonic_ns,
    )
