# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What each error detector has found, and its status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from restage.diagnosis.flow import RECENT_NS
from restage.diagnosis.status import Level, Status, Value


@dataclass(frozen=True)
class Found:
    """The last finding of a detector; ``at_ns`` on CLOCK_MONOTONIC."""

    message: str
    at_ns: int


class Findings:
    """
    Counts findings by the name of the detector; from any thread.

    ``grave``: the detectors whose findings are an ERROR, as nothing in the process cures them.
    """

    def __init__(self, grave: Collection[str] = ()) -> None:
        self._grave = frozenset(grave)
        self._counts: Counter[str] = Counter()
        self._last: dict[str, Found] = {}

    def note(self, detector: str, message: str, now_ns: int) -> None:
        """Count one finding."""
        self._counts[detector] += 1
        self._last[detector] = Found(message, now_ns)

    def status(self, detector: str, now_ns: int, *, off: str = '', **more: Value) -> Status:
        """
        Return the status of one detector.

        :param off: why it does not look; empty: it does.
        :param more: values beside the counts.
        """
        last = self._last.get(detector)
        values: dict[str, Value] = {'found': self._counts[detector], **more}
        if last is not None:
            values |= {'last': last.message, 'last_age_s': (now_ns - last.at_ns) / 1e9}
        item = f'detector {detector}'
        if last is not None and now_ns - last.at_ns < RECENT_NS:
            level = Level.ERROR if detector in self._grave else Level.WARN
            return Status(item, level, f'found: {last.message}', values)
        if off:
            return Status(item, Level.OK, f'off: {off}', values)
        return Status(item, Level.OK, 'nothing found' if last is None else 'quiet again', values)


def not_looking(detectors: Collection[str]) -> list[Status]:
    """Return the statuses of detectors whose node is not configured."""
    return [Status(f'detector {name}', Level.STALE, 'not configured') for name in detectors]
