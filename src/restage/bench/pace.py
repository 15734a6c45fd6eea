# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How fast pictures come, and what the nodes wait for, with a model of some speed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from restage.system import Parameter, SystemOptions

MOST_HZ = 30.0
# A frame takes so much of its period at the most; what is left is for recoveries to catch up.
LOAD = 0.5
# A stage is taken for hung after so many times its usual time, before that has been learned.
DEADLINE = 8.0
# A frame in recovery is dropped after so many times its usual time.
BUDGET = 5.0
# A new process runs some dozen frames before it is ready: to warm up, and to learn their times.
PATIENCE_S, PATIENCE_FRAMES = 20.0, 40
CALM_S, LEAST_CALM = 0.4, 3


@dataclass(frozen=True, kw_only=True)
class Pace:
    """
    The camera's rate, limits of the nodes that are no shorter than their defaults, and a wait.

    ``stage_deadline_floor_ms`` is no shorter than the longest stage: between two frames of a slow
    model a node is idle for long, and on a busy machine would be taken for hung there.
    ``calm_frames``: those that come out undisturbed before the next fault. ``patience_s``: how long
    to wait for a recovery.
    """

    rate_hz: float = MOST_HZ
    stage_deadline_ms: float = SystemOptions.stage_deadline_ms
    stage_deadline_floor_ms: float = SystemOptions.stage_deadline_floor_ms
    frame_budget_ms: float = 300.0
    calm_frames: int = math.ceil(CALM_S * MOST_HZ)
    patience_s: float = PATIENCE_S

    @classmethod
    def of(cls, stage_ms: Sequence[float]) -> Pace:
        """Return the pace for a model whose stages take ``stage_ms``."""
        frame_ms = sum(stage_ms)
        rate_hz = min(MOST_HZ, math.floor(10_000.0 * LOAD / frame_ms) / 10.0)
        rate_hz = rate_hz or 1_000.0 * LOAD / frame_ms
        return cls(
            rate_hz=rate_hz,
            stage_deadline_ms=max(cls.stage_deadline_ms, DEADLINE * max(stage_ms)),
            stage_deadline_floor_ms=max(cls.stage_deadline_floor_ms, max(stage_ms)),
            frame_budget_ms=max(cls.frame_budget_ms, BUDGET * frame_ms),
            calm_frames=max(LEAST_CALM, math.ceil(CALM_S * rate_hz)),
            patience_s=PATIENCE_S + PATIENCE_FRAMES * frame_ms / 1e3,
        )

    @property
    def lowered(self) -> bool:
        """Whether the camera is slower than it would be with a small model."""
        return self.rate_hz < MOST_HZ

    def recovery(self) -> dict[str, Parameter]:
        """Return the parameters of the recovery node."""
        # Measuring is one failure after the other: the breaker would rightly open.
        return {
            'breaker_failures': 1000,
            'breaker_window_s': 0.1,
            'frame_budget_ms': self.frame_budget_ms,
        }
