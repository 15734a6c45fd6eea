# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Recovery cases as ROS messages."""

from __future__ import annotations

from restage_msgs.msg import RecoveryEvent

from restage.nodes.stamps import from_ns
from restage.recovery.case import RecoveryCase


def recovery_event(case: RecoveryCase) -> RecoveryEvent:
    """Return ``case`` as a message."""
    return RecoveryEvent(
        id=case.number,
        fault_id=case.fault_id,
        fault_kind=case.fault_kind,
        frame=from_ns(case.stamp_ns),
        node=case.node,
        recovered_by=case.recovered_by,
        stage=case.stage,
        resumed_from=case.resumed_from,
        detector=case.detector,
        error=case.error,
        tier=case.tier,
        tiers=case.tiers,
        attempts=case.attempts,
        injected_ns=case.injected_ns,
        detected_ns=case.detected_ns,
        decided_ns=case.decided_ns,
        restored_ns=case.restored_ns,
        resumed_ns=case.resumed_ns,
        first_good_output_ns=case.first_good_output_ns,
        outcome=int(case.outcome),
        frames_lost=case.frames_lost,
        detail=case.detail,
    )
