# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Carries out the actions of an episode, and cleans up after them."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass

from rclpy.client import Client
from restage_msgs.msg import FaultCommand, FaultEvent, Heartbeat
from restage_msgs.srv import InjectFault

from restage.bench.stress import stress
from restage.faults.enums import Persistence
from restage.faults.messages import fault_to_command
from restage.harness.session import Session
from restage.soak.episode import INJECTOR, PRIMARY, RECOVERY, STANDBY, Blow, Episode, Strike
from restage.soak.watch import Watch

SERVICE_S = 20.0
# What was commanded has fired, or been refused, by then.
FIRE_S = 3.0
_ROLES = {PRIMARY: Heartbeat.ROLE_PRIMARY, STANDBY: Heartbeat.ROLE_STANDBY}


@dataclass(frozen=True)
class Struck:
    """A signal that was sent, or could not be: then ``node`` is empty. CLOCK_MONOTONIC, ns."""

    blow: Blow
    node: str
    pid: int
    sent_ns: int


class Conductor:
    """Acts on a session from outside: through the injector's service and with signals."""

    def __init__(self, session: Session, watch: Watch) -> None:
        """Act on ``session``, which is up."""
        self.struck: list[Struck] = []
        self._session = session
        self._watch = watch
        self._client: Client = session.observer.node.create_client(InjectFault, 'injector/inject')

    def run(self, episode: Episode) -> None:
        """Carry the episode out; what computes beside it does so until its actions are over."""
        self.struck = []
        with ExitStack() as stack:
            stack.enter_context(stress(episode.load))
            begun = time.monotonic()
            for action in episode.actions:
                self._watch.rest(max(0.0, begun + action.at_s - time.monotonic()))
                if isinstance(action, Strike):
                    self._strike(action)
                else:
                    self._blow(action)
            self._wait_for_firing(episode)
        self._clean_up(episode)

    @property
    def pending(self) -> str:
        """Who was sent a signal and has not been replaced; empty: nobody."""
        nodes = self._session.system.nodes
        return next(
            (one.node for one in self.struck if one.pid and nodes[one.node].pid == one.pid), ''
        )

    def _strike(self, strike: Strike) -> None:
        if not self._client.service_is_ready():
            return  # the injector is dead: said by what has not fired
        command = fault_to_command(strike.fault)
        self._client.call_async(InjectFault.Request(command=command))

    def _blow(self, blow: Blow) -> None:
        node = self._node(blow.target)
        sent_ns = time.monotonic_ns()
        pid = 0
        if node:
            pid = self._session.system.kill(node, signal.Signals[blow.signal])
        self.struck.append(Struck(blow, node, pid, sent_ns))

    def _node(self, target: str) -> str:
        """Return who ``target`` is now; an empty string: nobody."""
        if target in (RECOVERY, INJECTOR):
            return target
        found = self._session.with_role(_ROLES[target])
        return found[0] if found else ''

    def _wait_for_firing(self, episode: Episode) -> None:
        wanted = {
            action.fault.id: action.fault
            for action in episode.actions
            if isinstance(action, Strike)
        }
        longest = max((fault.duration_s for fault in wanted.values()), default=0.0)

        def done() -> bool:
            over = {
                event.id
                for event in self._watch.heard.faults
                if event.id in wanted and self._is_over(event, wanted[event.id].persistence)
            }
            return over >= set(wanted)

        if wanted:
            self._watch.until(done, longest + FIRE_S)

    @staticmethod
    def _is_over(event: FaultEvent, persistence: int) -> bool:
        if persistence == Persistence.TRANSIENT and event.state == FaultEvent.FIRED:
            return True
        return event.state in (FaultEvent.CLEARED, FaultEvent.REJECTED)

    def _clean_up(self, episode: Episode) -> None:
        """Start the injector again if it died; let no fault wait; end whose memory is spoilt."""
        injector = self._session.system.nodes[INJECTOR]
        if any(one.pid == injector.pid for one in self.struck):  # it takes a moment to die
            self._watch.until(lambda: injector.ended() is not None, SERVICE_S)
        if injector.ended() is not None:
            injector.restart()
            self._watch.forget(INJECTOR)
        if not self._watch.until(self._client.service_is_ready, SERVICE_S):
            return  # unhealthy, which is said
        strikes = [action for action in episode.actions if isinstance(action, Strike)]
        for target in {strike.fault.target for strike in strikes}:
            names = [target] if target not in _ROLES else list(self._detectors())
            for name in names:
                command = FaultCommand(action=FaultCommand.CLEAR, target=name)
                self._client.call_async(InjectFault.Request(command=command))

    def _detectors(self) -> list[str]:
        return [name for name in self._session.system.nodes if name.startswith('detection_')]

    def retire(self, nodes: list[str]) -> None:
        """End processes whose memory is not what it was: nothing they do is of use any more."""
        for node in nodes:
            blow = Blow(at_s=0.0, target=node, signal='SIGKILL')
            sent_ns = time.monotonic_ns()
            self.struck.append(Struck(blow, node, self._session.system.kill(node), sent_ns))
