# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How thoroughly a model is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from restage.bench.bed import Cell
from restage.camera.source import open_source
from restage.plan.request import MOST_PERCENT

# What is done to the system, and the arm and fault class of `restage bench` that it is there.
EVENTS: dict[str, Cell] = {
    'soft': ('stage_resume', 'nan'),
    'kill': ('standby_failover', 'sigkill'),
    'reset': ('process_reset', 'sigkill'),
}
WORDS = {
    'soft': 'NaN in an activation, resumed in place',
    'kill': 'SIGKILL, the standby takes over',
    'reset': 'SIGKILL, a new process (start, load, warm up)',
}


@dataclass(frozen=True, kw_only=True)
class SizingSettings:
    """
    How much to measure of each model.

    ``frames``: for the times of stages and checkpoints. ``trials``, ``resets``: of each event over
    real nodes, of the process reset; 0 of both: no nodes. ``pairs``: frames with fault tolerance
    and without; 0: none.
    ``cap_percent``: plan the checkpoints under this cap; None: those that the model proposes.
    ``clip``: frames of the camera's clip of rendered road; ``source``: pictures instead of it.

    :raises ValueError: for a number that is not accepted, or a source that cannot be read.
    """

    frames: int
    trials: int
    resets: int
    pairs: int
    seed: int
    cap_percent: float | None = None
    clip: int = 20
    source: str = ''

    def __post_init__(self) -> None:
        """Check what a user chooses."""
        least = {'frames': 1, 'trials': 0, 'resets': 0, 'pairs': 0, 'seed': 0}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise ValueError(f'--{name} is {getattr(self, name)}; accepted: {low} or more')
        if self.cap_percent is not None and not 0 <= self.cap_percent <= MOST_PERCENT:
            raise ValueError(
                f'--overhead is {self.cap_percent:g}; accepted: 0 to {MOST_PERCENT:g} percent'
            )
        if self.source:
            open_source(self.source, seed=0, width=0, height=0).close()

    def order(self) -> Sequence[Cell]:
        """Return the cells of every round, shuffled."""
        rng, order = Random(self.seed), []
        for number in range(max(self.trials, self.resets)):
            due = [
                cell
                for name, cell in EVENTS.items()
                if number < (self.resets if name == 'reset' else self.trials)
            ]
            rng.shuffle(due)
            order += due
        return order
