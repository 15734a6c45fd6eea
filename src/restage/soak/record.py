# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a run has found so far, kept small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from restage.soak.accounts import Window
from restage.soak.findings import Finding

# Beyond so many findings only their number is kept.
MOST_FINDINGS = 1_000
NOT_REPORTED = 'not_received'


class Record:
    """Sums, episodes and findings."""

    def __init__(self) -> None:
        self.episodes: list[dict[str, Any]] = []
        self.findings: list[Finding] = []
        self.violations = 0
        self.documented = 0
        self.frames_in = 0
        self.frames_out = 0
        self.lost: Counter[str] = Counter()
        self.recoveries: dict[str, list[float]] = {}
        self.detections: dict[str, list[float]] = {}

    def add_window(self, window: Window) -> None:
        """Add the frames of a window."""
        self.frames_in += window.frames_in
        self.frames_out += window.frames_out
        self.lost.update(reason or NOT_REPORTED for reason in window.lost.values())

    def add_episode(self, row: dict[str, Any]) -> None:
        """Add an episode."""
        self.episodes.append(row)
        for recovery in row['recoveries']:
            if recovery['total_ms'] is not None:
                self.recoveries.setdefault(recovery['kind'], []).append(recovery['total_ms'])
            if recovery['detect_ms'] is not None:
                self.detections.setdefault(recovery['kind'], []).append(recovery['detect_ms'])

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Add findings."""
        for finding in findings:
            if finding.violation:
                self.violations += 1
            else:
                self.documented += 1
            if len(self.findings) < MOST_FINDINGS:
                self.findings.append(finding)
