# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""An episode: what is done to the system, and when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from restage.faults.command import Fault

# Whom a signal may go to, beside the nodes by their names.
PRIMARY, STANDBY, RECOVERY, INJECTOR = 'primary', 'standby', 'recovery', 'injector'


@dataclass(frozen=True, kw_only=True)
class Strike:
    """A fault, commanded ``at_s`` after the beginning of its episode."""

    at_s: float
    fault: Fault

    @property
    def name(self) -> str:
        """What is struck with."""
        return self.fault.kind

    def told(self) -> dict[str, Any]:
        """Return it for a report."""
        one = self.fault
        return {
            'at_s': self.at_s,
            'fault': one.kind,
            'id': one.id,
            'target': one.target,
            'persistence': one.persistence.name.lower(),
            'probability': one.probability,
            'duration_s': one.duration_s,
            'seed': one.seed,
            'parameters': one.parameters,
        }


@dataclass(frozen=True, kw_only=True)
class Blow:
    """A signal from outside to the process that is ``target`` at that moment."""

    at_s: float
    target: str
    signal: str

    @property
    def name(self) -> str:
        """What is struck with."""
        return f'{self.target} {self.signal}'

    def told(self) -> dict[str, Any]:
        """Return it for a report."""
        return asdict(self)


Action = Strike | Blow


@dataclass(frozen=True, kw_only=True)
class Episode:
    """
    Actions in the order of their times, then quiet.

    ``shape``: `single`, `lasting`, `pair`, `burst`, `signal` or `double`. ``load``: so many
    processes compute beside it without end.
    """

    number: int
    shape: str
    actions: tuple[Action, ...]
    load: int = 0

    @property
    def name(self) -> str:
        """Return what happens, in words."""
        words = ' + '.join(action.name for action in self.actions)
        return f'{words} under load' if self.load else words
