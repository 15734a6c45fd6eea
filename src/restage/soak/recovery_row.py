# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A recovery of the run, and which action it is the answer to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from restage_msgs.msg import RecoveryEvent

from restage.nodes.stamps import to_ns
from restage.soak.conduct import Struck
from restage.soak.permits import MEMORY

OUTCOMES = {
    RecoveryEvent.RECOVERED: 'recovered',
    RecoveryEvent.FRAME_DROPPED: 'frame_dropped',
    RecoveryEvent.FAILED: 'failed',
}
CONSEQUENCE = '(consequence)'
_LONGEST = 160


def recovery_row(event: RecoveryEvent, struck: Sequence[Struck]) -> dict[str, Any]:
    """
    Return a recovery as JSON; times in ms.

    From the injection where it is known; of a signal, from its sending; else, and of memory errors,
    which show when they like, from the detection.
    """
    kind, injected_ns = str(event.fault_kind), int(event.injected_ns)
    # A signal that came after the fault is what the death is from.
    sent = [
        one
        for one in struck
        if one.node == event.node and injected_ns < one.sent_ns < event.detected_ns
    ]
    if sent:
        kind = f'{sent[-1].blow.target} {sent[-1].blow.signal}'
        injected_ns = sent[-1].sent_ns
    start_ns = event.detected_ns if kind in MEMORY or not injected_ns else injected_ns
    good_ns = event.first_good_output_ns
    return {
        'kind': kind or CONSEQUENCE,
        'fault_id': event.fault_id,
        'node': event.node,
        'stage': event.stage,
        'detector': event.detector,
        'tiers': list(event.tiers),
        'outcome': OUTCOMES[event.outcome],
        'frames_lost': int(event.frames_lost),
        'frame_ns': to_ns(event.frame),
        'detected_ns': int(event.detected_ns),
        'detect_ms': round((event.detected_ns - injected_ns) / 1e6, 3) if injected_ns else None,
        'total_ms': round((good_ns - start_ns) / 1e6, 3) if good_ns else None,
        'error': event.error[:_LONGEST],
    }
