# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One trial after the other in the running system."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence

from restage_msgs.msg import FaultEvent, Heartbeat, RecoveryEvent, StageStatus

from restage.bench.cells import ARMS, FAULTS
from restage.bench.pace import Pace
from restage.bench.policy_switch import PolicySwitch
from restage.bench.trial import Trial
from restage.harness.inject import Injection
from restage.harness.observer import Observed
from restage.harness.session import Session
from restage.nodes.stamps import to_ns

READY_S = 60.0
OUTCOMES = {
    RecoveryEvent.RECOVERED: 'recovered',
    RecoveryEvent.FRAME_DROPPED: 'frame_dropped',
    RecoveryEvent.FAILED: 'failed',
}


class Experiment:
    """Injects a fault, waits for what becomes of it, and until the system is whole again."""

    def __init__(self, session: Session, stages: Sequence[str], pace: Pace) -> None:
        """
        Work on ``session``, whose camera runs, and strike ``stages`` in turn.

        ``pace``: how many frames come out undisturbed before the next fault, and how long to wait.
        """
        self._session = session
        self._stages = stages
        self._pace = pace
        self._observer = session.observer
        self._injection = Injection(session.observer)
        self._policy = PolicySwitch(session.observer)

    def settle(self) -> None:
        """
        Wait until there are a primary and a standby and frames come out.

        :raises NotReadyError: when they do not come up again.
        :raises TimeoutError: when no frames come out.
        """
        seen = self._observer.seen
        self._session.wait_ready(1, READY_S)
        wanted = len(seen.detections) + self._pace.calm_frames
        if not self._observer.wait_for(lambda now: len(now.detections) >= wanted, READY_S):
            raise TimeoutError('no detections come out')

    def run(self, arm: str, fault: str, number: int) -> Trial:
        """
        Return what became of one fault of that class in that arm.

        :raises TimeoutError: when nothing is heard of the fault, or of the recovery.
        """
        self._policy.set(ARMS[arm])
        stage = self._stages[number % len(self._stages)]
        if fault == 'recovery_node_death':
            return self._without_recovery_node(arm, stage, number)
        kind = FAULTS[fault]
        fault_id = self._injection.inject(kind.kind, stage, **kind.parameters)  # type: ignore[arg-type]
        try:
            event = self._injection.recovery_of(fault_id, self._pace.patience_s)
        except TimeoutError:
            return self._survived(arm, fault, number, fault_id)
        return Trial(
            arm=arm,
            fault=fault,
            number=number,
            injected_ns=event.injected_ns,
            detected_ns=event.detected_ns,
            decided_ns=event.decided_ns,
            restored_ns=event.restored_ns,
            resumed_ns=event.resumed_ns,
            first_good_ns=event.first_good_output_ns,
            detector=event.detector,
            stage=stage,
            tiers=tuple(event.tiers),
            outcome=OUTCOMES[event.outcome],
        )

    def _survived(self, arm: str, fault: str, number: int, fault_id: str) -> Trial:
        """
        Return the trial of a fault whose frame came out without a recovery: a stall that ended.

        :raises TimeoutError: when it did not come out.
        """
        fired = self._fired(fault_id)
        stamp_ns = to_ns(fired.frame)
        came = [one[1] for one in self._observer.seen.detections if one[0] == stamp_ns]
        if not came:
            raise TimeoutError(f'no recovery from fault {fault_id}, and its frame did not come out')
        return Trial(
            arm=arm,
            fault=fault,
            number=number,
            injected_ns=fired.monotonic_ns,
            first_good_ns=came[0],
            stage=fired.stage,
            outcome='masked',
        )

    def _without_recovery_node(self, arm: str, stage: str, number: int) -> Trial:
        """
        Kill the recovery node, then let another fault strike while it is away.

        A NaN in the arm stage_resume, which the node cures itself; the primary's death in the arm
        standby_failover, which has to wait for the next recovery node. Times from the nodes' own
        reports and from the receipt of the detections here.
        """
        self._observer.seen.diagnostics.pop('recovery: status', None)
        dead = arm == 'standby_failover'
        if dead:
            primary = next(
                name
                for name, beat in self._observer.seen.heartbeats.items()
                if beat.role == Heartbeat.ROLE_PRIMARY
            )
            self._session.system.kill('recovery')
            injected_ns = time.monotonic_ns()
            self._session.system.kill(primary, signal.SIGKILL)
            # What the dead one sent may still be on its way.
            stamp_ns = time.time_ns()
        else:
            self._session.system.kill('recovery')
            fault_id = self._injection.inject('nn.neuron.nan', stage)
            fired = self._fired(fault_id)
            injected_ns, stamp_ns = fired.monotonic_ns, to_ns(fired.frame)
        found = self._observer.wait_for(
            lambda seen: [one for one in seen.detections[-600:] if one[0] >= stamp_ns], READY_S
        )
        if not found:
            raise TimeoutError('no detections after the death of the recovery node')
        first = next(one for one in found if one[1] >= injected_ns)
        statuses = [] if dead else self._statuses(stamp_ns)
        self._observer.wait_for(lambda seen: 'recovery: status' in seen.diagnostics, READY_S)
        return Trial(
            arm=arm,
            fault='recovery_node_death',
            number=number,
            injected_ns=injected_ns,
            detected_ns=_time(statuses, StageStatus.ERROR),
            restored_ns=max((s.restored_ns for s in statuses), default=0),
            resumed_ns=_time(statuses, StageStatus.RESUMED),
            first_good_ns=first[1],
            detector='process_exit' if dead else 'finite',
            stage=stage,
            tiers=('failover',) if dead else ('retry_stage',),
        )

    def _fired(self, fault_id: str) -> FaultEvent:
        def events(seen: Observed) -> list[FaultEvent]:
            fired = FaultEvent.FIRED
            return [event for event in seen.faults if (event.id, event.state) == (fault_id, fired)]

        found = self._observer.wait_for(events, READY_S)
        if not found:
            raise TimeoutError(f'fault {fault_id} did not fire')
        event: FaultEvent = found[0]
        return event

    def _statuses(self, stamp_ns: int) -> list[StageStatus]:
        seen = self._observer.seen.statuses
        return [status for status in seen if to_ns(status.header.stamp) == stamp_ns]


def _time(statuses: list[StageStatus], state: int) -> int:
    return next((int(status.monotonic_ns) for status in statuses if status.state == state), 0)
