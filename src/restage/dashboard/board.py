# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""All that the page shows, in sections; fed by one thread, read by another."""

from __future__ import annotations

import json
import threading
import time

from restage.cameras import Cameras
from restage.dashboard.feed import Feed
from restage.dashboard.frames import Frames
from restage.dashboard.node_table import NodeTable
from restage.dashboard.sightings import (
    Beat,
    Diagnosis,
    FaultNews,
    Recovery,
    StageMark,
    Step,
)
from restage.dashboard.timeline import Timeline
from restage.faults.listing import kinds_as_data
from restage.faults.taxonomy import KINDS

# A time further back than this is of another host's, or another boot's, clock.
OLDEST_NS = 7 * 86_400 * 1_000_000_000


class Board:
    """Takes what is heard of the system; ``render`` gives each section as JSON."""

    def __init__(self, cameras: Cameras, ftti_ms: float, system: str) -> None:
        """Begin empty; ``system`` is what the system is called on the page."""
        self._lock = threading.Lock()
        self._system = system
        self._began = time.time()
        self._problem = ''
        self._injector = False
        self._nodes = NodeTable()
        self._frames = Frames(cameras)
        self._timeline = Timeline(cameras)
        self._feed = Feed(ftti_ms, _wall_s)
        self._kinds = _kinds()

    def published(self, camera: int, key: int) -> None:
        """Note the camera info of a frame."""
        now = time.monotonic_ns()
        with self._lock:
            self._frames.accounts[camera].published(key, now)

    def detected(self, camera: int, key: int) -> None:
        """Note detections of a frame."""
        now = time.monotonic_ns()
        with self._lock:
            self._frames.accounts[camera].detected(key, now)

    def missed(self, count: int) -> None:
        """Note that so many messages never reached the dashboard."""
        with self._lock:
            self._frames.missed += count

    def beat(self, beat: Beat) -> None:
        """Note a heartbeat."""
        with self._lock:
            self._nodes.beat(beat, time.monotonic_ns())

    def diagnosis(self, status: Diagnosis) -> None:
        """Note a status of a node."""
        with self._lock:
            self._nodes.diagnosis(status, time.monotonic_ns())
            self._frames.diagnosis(status)

    def stage(self, mark: StageMark) -> None:
        """Note a step of a frame."""
        with self._lock:
            self._timeline.add(mark)
            if mark.step is Step.DROPPED:
                self._frames.dropped(mark.key, mark.detector)

    def fault(self, news: FaultNews) -> None:
        """Note what became of a fault."""
        with self._lock:
            self._feed.fault(news)

    def recovery(self, event: Recovery) -> None:
        """Note a recovery."""
        with self._lock:
            self._feed.recovery(event)

    def injector(self, there: bool) -> None:
        """Note whether there is an injector that takes requests."""
        with self._lock:
            self._injector = there

    def problem(self, text: str) -> None:
        """Note what keeps the dashboard from hearing of the system; empty: nothing."""
        with self._lock:
            self._problem = text

    def camera_alive(self, camera: int) -> bool:
        """Return whether the camera was heard of lately."""
        with self._lock:
            return self._frames.accounts[camera].alive(time.monotonic_ns())

    def render(self) -> dict[str, str]:
        """Return every section as a JSON message with its name in ``section``."""
        with self._lock:
            now = time.monotonic_ns()
            sections: dict[str, object] = {
                'system': {
                    'name': self._system,
                    'since': round(self._began, 3),
                    'problem': self._problem,
                    'injection': self._injector,
                    'proxy': self._nodes.there('fault_proxy', now),
                    'stages': self._timeline.stages,
                    'detectors': self._nodes.detectors(),
                },
                'kinds': self._kinds,
                'nodes': self._nodes.view(now),
                'frames': self._frames.view(now),
                'latency': self._frames.latency.view(),
                'timeline': self._timeline.view(),
                'feed': self._feed.view(),
                'budget': self._feed.budget(),
            }
        return {
            name: json.dumps({'section': name, 'data': data}) for name, data in sections.items()
        }


def _kinds() -> list[dict[str, object]]:
    places = {kind.name: kind.place.name.lower() for kind in KINDS}
    return [
        {
            'kind': kind['kind'],
            'class': kind['class'],
            'mechanism': kind['mechanism'],
            'place': places[str(kind['kind'])],
        }
        for kind in kinds_as_data()
    ]


def _wall_s(at_ns: int) -> float:
    """Return the time of day of ``at_ns``; now, where it cannot be of this clock."""
    age_ns = time.monotonic_ns() - at_ns
    return time.time() - (age_ns / 1e9 if 0 <= age_ns < OLDEST_NS else 0.0)
