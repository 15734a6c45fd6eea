# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the recovery node counts the losses that a subscriber sees."""

from __future__ import annotations

import math

from restage_msgs.srv import GetReport

from restage.harness.session import Session
from restage.soak.watch import Watch

ANSWER_S = 10.0
# The recovery node hears the last outputs a little later than we do, or earlier.
AGREE_S = 3.0
# DDS may match a subscriber with a new process so much later than the recovery node (gap 6).
MATCHED_S = 0.25


class LedgerCheck:
    """Compares sums since the recovery node, as a process, was seen first."""

    def __init__(self, session: Session, watch: Watch, rate_hz: float) -> None:
        """Ask the recovery node of ``session``, whose camera has so many frames a second."""
        self._session = session
        self._watch = watch
        self._client = session.observer.node.create_client(GetReport, 'recovery/get_report')
        self._unheard = math.ceil(MATCHED_S * rate_hz)
        self._pid = 0
        self._base = 0
        self._lost = 0

    def add(self, lost: int, *, restarted: bool) -> tuple[str, str]:
        """
        Add frames that were lost for a subscriber; return what is wrong, and what allows it.

        Both are empty where the recovery node has counted as many. ``restarted``: a process that
        had to be started took over.
        """
        self._lost += lost
        counted = self._counted()
        if counted is None:
            return 'the recovery node does not answer get_report', ''
        pid = self._session.system.nodes['recovery'].pid
        if pid != self._pid:
            # What was lost while there was none is not counted by anybody.
            self._pid, self._base = pid, counted - self._lost
            return '', ''
        if self._agrees(counted):
            return '', ''
        missing = self._lost - (counted - self._base)
        self._base = counted - self._lost
        text = f'{missing} more frames are lost for a subscriber than for the recovery node'
        if restarted and 0 < missing <= self._unheard:
            return text, 'recovery.md, gap 6: a new process may be heard late'
        return text, ''

    def _agrees(self, counted: int | None) -> bool:
        def same() -> bool:
            now = self._counted()
            return now is not None and now - self._base == self._lost

        return counted == self._base + self._lost or self._watch.until(same, AGREE_S)

    def _counted(self) -> int | None:
        if not self._watch.until(self._client.service_is_ready, ANSWER_S):
            return None
        future = self._client.call_async(GetReport.Request())
        if not self._watch.until(future.done, ANSWER_S):
            return None
        response: GetReport.Response = future.result()
        return int(response.frames_lost)
