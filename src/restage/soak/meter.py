# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Measures the processes of a running system once a second."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from restage.harness.process import NodeProcess
from restage.soak.quiet_points import QuietPoints
from restage.soak.resources import SharedMemory, Use, medians, shared_memory, use_of
from restage.soak.thinned import Thinned

PERIOD_S = 1.0
# What a young process grows by is no leak: it loads, warms up, learns its times, and fills its
# queues and accounts. A detection node goes from 332 to 338 MiB in that time, and stays there.
WARM_S = 60.0
SOAK, SYSTEM = 'soak', 'shared memory'
Sample = tuple[float, Use | SharedMemory]


class Meter:
    """Series for pictures, and points of quiet phases; times in s since ``begun_s``."""

    def __init__(self, nodes: Mapping[str, NodeProcess], domain: int, begun_s: float) -> None:
        """Measure ``nodes``, this process, and what lies in /dev/shm."""
        self.series: dict[str, Thinned[Sample]] = {}
        self.points = QuietPoints()
        self._nodes = nodes
        self._domain = domain
        self._begun_s = begun_s
        self._due_s = 0.0
        self._since: dict[str, tuple[int, float]] = {}
        self._quiet: dict[str, list[Use | SharedMemory]] | None = None

    def measure(self) -> None:
        """Measure if it is time."""
        now = time.monotonic()
        if now < self._due_s:
            return
        self._due_s = now + PERIOD_S
        for name, node in list(self._nodes.items()):
            if self._since.get(name, (0, 0.0))[0] != node.starts:
                self._since[name] = node.starts, now
            self._note(name, now, use_of(node.pid))
        self._note(SOAK, now, use_of(os.getpid()))
        pids = [node.pid for node in list(self._nodes.values())]
        self._note(SYSTEM, now, shared_memory(self._domain, pids))

    def _note(self, name: str, now: float, use: Use | SharedMemory | None) -> None:
        if use is None:
            return
        self.series.setdefault(name, Thinned()).add((now - self._begun_s, use))
        if self._quiet is not None:
            self._quiet.setdefault(name, []).append(use)

    def begin_quiet(self) -> None:
        """Begin a quiet phase."""
        self._quiet = {}

    def end_quiet(self, *, but: list[str]) -> None:
        """End a quiet phase: it becomes a point of each process, ``but`` of some nodes."""
        now = time.monotonic()
        for name, samples in (self._quiet or {}).items():
            life, since = self._since.get(name, (0, self._begun_s))
            if name not in but and now - since > WARM_S:
                self.points.add(name, life, now - self._begun_s, medians(samples))
        self._quiet = None
