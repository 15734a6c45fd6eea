# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The recoveries that are under way, and those that are done."""

from __future__ import annotations

from collections import deque

from restage.checkpoint.progress import FaultNote
from restage.recovery.case import Outcome, RecoveryCase
from restage.recovery.ledger import FrameLedger

# A frame that is still waited for when nothing has come out for so long is counted as lost.
SETTLE_NS = 1_500_000_000
# Detections may overtake the report that the frame was resumed, which is another topic.
REPORT_NS = 200_000_000
# An error without any output for so long has not been recovered from.
GIVE_UP_NS = 60_000_000_000
# A fault fired longer ago than that is not blamed: it was masked.
BLAME_NS = 5_000_000_000
# So many cases, and faults that were blamed, are remembered: a vehicle drives for months.
KEPT = 1000


class Cases:
    """
    Open cases by node and frame; a case is closed when its frames are accounted for.

    ``closed``: the newest of them; ``ended``: how many there were.
    """

    def __init__(self, ledger: FrameLedger) -> None:
        """Count lost frames with ``ledger``."""
        self.closed: deque[RecoveryCase] = deque(maxlen=KEPT)
        self.ended = 0
        self._open: list[RecoveryCase] = []
        self._ledger = ledger
        self._number = 0
        self._last_output_ns = 0
        self._faults_seen: deque[tuple[str, int]] = deque(maxlen=KEPT)

    def open(
        self,
        *,
        stamp_ns: int,
        node: str,
        stage: str,
        detector: str,
        error: str,
        detected_ns: int,
        fault: FaultNote | None,
        hung_since_ns: int | None = None,
    ) -> RecoveryCase:
        """
        Open a case; ``fault`` is blamed unless an earlier case was its doing already.

        ``hung_since_ns``: of a hang, which is detected as late as its deadline says, the time it
        began; a fault that fired earlier is not behind it.
        """
        self._number += 1
        case = RecoveryCase(
            number=self._number,
            stamp_ns=stamp_ns,
            node=node,
            stage=stage,
            detector=detector,
            error=error,
            detected_ns=detected_ns,
        )
        since_ns = detected_ns - BLAME_NS if hung_since_ns is None else hung_since_ns
        if fault is not None and self._to_blame(fault, since_ns):
            self._faults_seen.append((fault.fault_id, fault.injected_ns))
            case.fault_id, case.fault_kind = fault.fault_id, fault.kind
            case.injected_ns = fault.injected_ns
        self._open.append(case)
        return case

    def _to_blame(self, fault: FaultNote, since_ns: int) -> bool:
        known = (fault.fault_id, fault.injected_ns) in self._faults_seen
        return not known and fault.injected_ns > since_ns

    @property
    def under_way(self) -> tuple[RecoveryCase, ...]:
        """The cases that are not closed, oldest first."""
        return tuple(self._open)

    def find(self, stamp_ns: int) -> RecoveryCase | None:
        """Return the open case of that frame: what errs again belongs to the first error."""
        return next(
            (case for case in self._open if case.stamp_ns == stamp_ns and not case.recovered), None
        )

    def resumed(self, stamp_ns: int, by: str, boundary: int, restored: int, resumed: int) -> None:
        """Note that ``by`` resumed the frame, times in ns, unless another did later."""
        for case in self._open:
            # What two nodes say has no order: the report of a dead one may come last.
            if case.stamp_ns == stamp_ns and resumed >= case.resumed_ns:
                case.recovered_by = by
                case.resumed_from = boundary
                case.restored_ns, case.resumed_ns = restored, resumed

    def dropped(self, stamp_ns: int, why: str) -> None:
        """Note that the frame was given up."""
        for case in self._open:
            if case.stamp_ns == stamp_ns and not case.recovered:
                case.outcome = Outcome.FRAME_DROPPED
                case.detail = why

    def on_detected(self, stamp_ns: int, now_ns: int) -> None:
        """Note good output; the first one at or after a case's frame ends its blindness."""
        self._last_output_ns = now_ns
        for case in self._open:
            earlier = stamp_ns < case.first_missing_ns
            # Of two cameras, a later frame may have come out first.
            if case.recovered or earlier or not self._ledger.same_camera(stamp_ns, case.stamp_ns):
                continue
            case.first_good_output_ns = now_ns
            case.settle_after_ns = max(self._ledger.newest_published, stamp_ns)
            if case.has_frame and not self._ledger.was_detected(case.stamp_ns):
                case.outcome = Outcome.FRAME_DROPPED

    def settle(self, now_ns: int) -> list[RecoveryCase]:
        """Close and return the cases whose frames are all accounted for."""
        done = [case for case in self._open if self._settled(case, now_ns)]
        for case in done:
            self._open.remove(case)
            if 0 < case.restored_ns < case.decided_ns:
                # The order came after the node's own deadline: it was not what cured the error.
                case.decided_ns = 0
                case.detail = 'no order came in time: the node retried by itself'
            case.frames_lost = self._ledger.lost_between(
                case.first_missing_ns, case.settle_after_ns
            )
            self.closed.append(case)
            self.ended += 1
        return done

    def _settled(self, case: RecoveryCase, now_ns: int) -> bool:
        if not case.recovered:
            if now_ns - case.detected_ns > GIVE_UP_NS:
                if case.outcome is Outcome.RECOVERED:
                    case.outcome = Outcome.FAILED
                case.settle_after_ns = self._ledger.newest_published
                return True
            return False
        told = case.resumed_ns != 0 or now_ns - case.first_good_output_ns > REPORT_NS
        caught_up = not self._ledger.waits(case.settle_after_ns)
        # A backlog may be long on a busy machine: it is not lost while it is being worked off.
        # Nothing is ever caught up with of a camera that has fallen silent.
        long_ago = now_ns - case.first_good_output_ns > GIVE_UP_NS
        return (told and caught_up) or long_ago or now_ns - self._last_output_ns > SETTLE_NS
