# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in a detection node: logged, and kept for /diagnostics."""

from __future__ import annotations

import time
from collections.abc import Callable

from rclpy.impl.rcutils_logger import RcutilsLogger

from restage.diagnosis.detection import GRAVE
from restage.diagnosis.findings import Findings
from restage.diagnosis.flow import RECENT_NS
from restage.nodes.later import Later
from restage.stages.reports import ReportState, StageReport
from restage.stages.runner import StageError


class Troubles:
    """``findings``: of the error detectors. ``tell``: publishes the diagnostics anew."""

    def __init__(self, logger: RcutilsLogger, later: Later, tell: Callable[[], None]) -> None:
        self.findings = Findings(GRAVE)
        self._logger = logger
        self._later = later
        self._tell = tell
        # Why the last checkpoint could not be made, and when.
        self._unkept = ('', 0)

    def reported(self, report: StageReport) -> None:
        """Hear of an error or of a dropped frame, in the executor."""
        what = 'dropped' if report.state is ReportState.DROPPED else f'error in {report.stage}'
        text = f'frame {report.stamp_ns}: {what}: {report.detector}: {report.error}'
        self._logger.warning(text, throttle_duration_sec=0.5)
        if report.state is ReportState.ERROR:
            where = f'stage {report.stage}: {report.error}'
            self.findings.note(report.detector, where, report.monotonic_ns)
        self._tell()

    def found(self, error: StageError) -> None:
        """Hear of an error in a shadow run, from the inference thread."""
        self.findings.note(error.detector, f'{error.stage}: {error.message}', error.seen_ns)
        self._later.soon(self._tell)

    def not_kept(self, text: str) -> None:
        """Hear that a checkpoint could not be made, from the inference thread."""
        self._logger.warning(text, throttle_duration_sec=5.0)
        now_ns = time.monotonic_ns()
        known = self.why_not_kept(now_ns) == text
        self._unkept = (text, now_ns)
        if not known:
            self._later.soon(self._tell)

    def why_not_kept(self, now_ns: int) -> str:
        """Return why checkpoints could not be made lately, or an empty string."""
        text, at_ns = self._unkept
        return text if now_ns - at_ns < RECENT_NS else ''
