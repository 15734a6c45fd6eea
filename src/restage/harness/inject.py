# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Inject a fault through the injector node's service, and see what becomes of it."""

from __future__ import annotations

from rclpy.client import Client
from rclpy.task import Future
from restage_msgs.msg import FaultEvent, RecoveryEvent
from restage_msgs.srv import InjectFault

from restage.faults.command import Fault
from restage.faults.enums import Persistence
from restage.faults.messages import fault_to_command
from restage.faults.parameters import Value
from restage.faults.taxonomy import find_kind
from restage.harness.observer import Observer

TIMEOUT_S = 60.0


class Injection:
    """A client of ``injector/inject``."""

    def __init__(self, observer: Observer) -> None:
        """Call from ``observer``'s node, which is spun already."""
        self._observer = observer
        self._client: Client = observer.node.create_client(InjectFault, 'injector/inject')
        self._answer: Future | None = None
        self._name = 'injection'
        self._count = 0

    def begin(self, name: str) -> None:
        """Count from 1 again: ids begin with ``name`` from now on, seeds are those of a new one."""
        self._name = name
        self._count = 0

    def inject(
        self,
        kind: str,
        stage: str = '',
        target: str = '',
        *,
        persistence: Persistence = Persistence.TRANSIENT,
        duration_s: float = 0.0,
        **parameters: Value,
    ) -> str:
        """
        Inject a fault and wait until it fired or was rejected; return its id.

        :raises TimeoutError: when nothing is heard of it.
        """
        fault_id = self._command(kind, stage, target, persistence, parameters, duration_s)
        self._await(fault_id, (FaultEvent.FIRED, FaultEvent.REJECTED))
        return fault_id

    def arm(self, kind: str, stage: str = '', target: str = '', **parameters: Value) -> str:
        """
        Have a transient fault wait, in a standby for one; return its id once it is armed.

        :raises TimeoutError: when nothing is heard of it.
        """
        fault_id = self._command(kind, stage, target, Persistence.TRANSIENT, parameters)
        self._await(fault_id, (FaultEvent.ARMED, FaultEvent.REJECTED))
        return fault_id

    def _command(
        self,
        kind: str,
        stage: str,
        target: str,
        persistence: Persistence,
        parameters: dict[str, Value],
        duration_s: float = 0.0,
    ) -> str:
        self._count += 1
        fault = Fault(
            id=f'{self._name}-{self._count}',
            kind=kind,
            stage=stage,
            target=target or find_kind(kind).default_target,
            when=find_kind(kind).default_when,
            persistence=persistence,
            seed=self._count,
            duration_s=duration_s,
            parameters=parameters,
        )
        self._client.wait_for_service(TIMEOUT_S)
        self._answer = self._client.call_async(InjectFault.Request(command=fault_to_command(fault)))
        return fault.id

    def _await(self, fault_id: str, states: tuple[int, ...]) -> None:
        heard = self._observer.wait_for(
            lambda seen: (
                any(e.id == fault_id and e.state in states for e in seen.faults)
                or any(r.fault_id == fault_id for r in seen.recoveries)
            ),
            TIMEOUT_S,
        )
        if not heard:
            answer = self._answer.result() if self._answer is not None else None
            said = answer.message if answer is not None else 'no answer from the injector'
            raise TimeoutError(f'nothing was heard of fault {fault_id}' + (said and f': {said}'))

    def recovery_of(self, fault_id: str, timeout_s: float = TIMEOUT_S) -> RecoveryEvent:
        """
        Return the recovery from the fault, waiting for it.

        :raises TimeoutError: when there is none in time.
        """
        found = self._observer.wait_for(
            lambda seen: [event for event in seen.recoveries if event.fault_id == fault_id],
            timeout_s,
        )
        if not found:
            raise TimeoutError(f'no recovery from fault {fault_id}')
        event: RecoveryEvent = found[0]
        return event
