# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the user asked of a soak, checked."""

from __future__ import annotations

import math
from dataclasses import dataclass

FTTI_MS = 300.0
_OPTIONS = {'rate_hz': 'rate'}


@dataclass(frozen=True, kw_only=True)
class SoakSettings:
    """
    How long, and what is asked of the system.

    ``ftti_ms``: from a single fault to the next good output. ``double_s``: the same where there may
    be nobody to take over: a process starts, loads and warms up; the breaker may hold it back.
    ``heal_s``: after the last fault, until all is well again. ``quiet_s``: how long nothing is done
    then. ``episode``: the only one to run; None: from the first on until the time is over.

    :raises ValueError: for a number that cannot be used; says which.
    """

    minutes: float
    seed: int = 1
    episode: int | None = None
    model: str = 'bundled'
    rate_hz: float = 30.0
    standbys: int = 1
    ftti_ms: float = FTTI_MS
    double_s: float = 45.0
    heal_s: float = 60.0
    quiet_s: float = 3.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ('minutes', 'rate_hz', 'ftti_ms', 'double_s', 'heal_s', 'quiet_s'):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                option = _OPTIONS.get(name, name.replace('_', '-'))
                raise ValueError(f'--{option} must be a number above 0, got {value:g}')
        if self.episode is not None and self.episode < 0:
            raise ValueError(f'--episode must be 0 or more, got {self.episode}')

    def again(self, episode: int) -> str:
        """Return the command that runs one episode alone."""
        model = '' if self.model == 'bundled' else f' --model {self.model}'
        standbys = '' if self.standbys == 1 else f' --standbys {self.standbys}'
        return f'restage soak --seed {self.seed} --episode {episode}{model}{standbys}'
