# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How long a stage may take: learned from the clean times of the stage itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

# Times kept of each stage; with so many the first deadline is learned, and after so many new ones
# it is learned anew.
WINDOW = 256
FIRST = 8
RELEARN = 32
# Longer than the inference thread takes from one sign of life to the next while it waits for
# work, however short the stages may be.
SHORT_NS = 50_000_000


@dataclass(frozen=True, kw_only=True)
class DeadlineOptions:
    """
    Of a stage: ``quantile`` of its clean times x ``factor``, at least ``floor_ns``.

    ``ceiling_ns`` holds until enough times are known, and is never exceeded. The floor covers what
    a healthy thread may have to wait for a core.
    """

    quantile: float = 0.99
    factor: float = 4.0
    floor_ns: int = 30_000_000
    ceiling_ns: int = 250_000_000


class Deadlines:
    """Deadlines of the stages of one model, learned in the inference thread."""

    def __init__(self, stages: int, options: DeadlineOptions) -> None:
        """Know nothing yet of ``stages`` stages."""
        self._options = options
        self._times: list[deque[int]] = [deque(maxlen=WINDOW) for _ in range(stages)]
        self._new = [0] * stages
        self._deadline_ns = [options.ceiling_ns] * stages

    def of(self, stage: int) -> int:
        """Return the deadline of a stage, ns."""
        return self._deadline_ns[stage]

    def spent_ns(self, stage: int) -> tuple[int, int]:
        """Return the median and the longest of the times that are kept; zeros: none are."""
        # One copy in one step: the inference thread adds to them.
        times = sorted(self._times[stage].copy())
        return (times[len(times) // 2], times[-1]) if times else (0, 0)

    @property
    def short_ns(self) -> int:
        """The deadline of what takes next to no time: publishing, waiting for work."""
        return max(SHORT_NS, min(self._options.floor_ns, self._options.ceiling_ns))

    @property
    def longest_ns(self) -> int:
        """The deadline of what no time is known of."""
        return self._options.ceiling_ns

    def learn(self, stage: int, spent_ns: int) -> None:
        """Take in the time of a stage that went well."""
        times = self._times[stage]
        times.append(spent_ns)
        self._new[stage] += 1
        if self._new[stage] >= RELEARN or len(times) == FIRST:
            self._new[stage] = 0
            self._deadline_ns[stage] = self._learned(stage)

    def _learned(self, stage: int) -> int:
        options = self._options
        times = sorted(self._times[stage])
        typical = times[min(len(times) - 1, int(options.quantile * len(times)))]
        wanted = max(options.floor_ns, round(typical * options.factor))
        return min(options.ceiling_ns, wanted)
