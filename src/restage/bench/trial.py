# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One fault of the benchmark and what became of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Trial:
    """
    Times on CLOCK_MONOTONIC, ns; 0: did not happen, or is not known.

    ``fault``: the class. ``number``: in the order they were run. ``first_good_ns``: receipt, by
    another process, of the first valid detections. ``stolen_ms``: what a hypervisor took away from
    all cores together while the trial ran. ``wrong``: frames that came out and differ from the
    fault-free run. ``outcome``: recovered, masked, frame_dropped or failed.
    """

    arm: str
    fault: str
    number: int
    injected_ns: int
    detected_ns: int = 0
    decided_ns: int = 0
    restored_ns: int = 0
    resumed_ns: int = 0
    first_good_ns: int = 0
    detector: str = ''
    stage: str = ''
    tiers: tuple[str, ...] = ()
    frames_lost: int = 0
    wrong: int = 0
    stolen_ms: float = 0.0
    outcome: str = 'recovered'

    @property
    def total_ms(self) -> float | None:
        """From the injection to the first valid detections, ms; None if there were none."""
        return (self.first_good_ns - self.injected_ns) / 1e6 if self.first_good_ns else None
