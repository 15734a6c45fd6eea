# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The frames of one camera: in, out, lost and why, since the dashboard hears of them."""

from __future__ import annotations

from collections import OrderedDict, deque

from restage.dashboard.latency import Latency
from restage.recovery.ledger import FrameLedger

# Frames whose latency can still be told.
KEPT = 512
RATE_WINDOW_NS = 2_000_000_000
SILENT_NS = 1_000_000_000


class CameraAccount:
    """
    Counts one camera's frames by key, as the recovery node does, with the same ledger.

    A dashboard that joins late counts from the first frame of which it heard both the camera info
    and, of it or a later one, detections: what was there before is not its to judge.
    """

    def __init__(self, name: str, latency: Latency) -> None:
        """Count for the camera called ``name``; latencies go to ``latency``."""
        self.name = name
        self._latency = latency
        self._ledger = FrameLedger()
        self._first: int | None = None
        self._received: OrderedDict[int, int] = OrderedDict()
        self._in = _Rate()
        self._out = _Rate()

    def published(self, key: int, now_ns: int) -> None:
        """Note the camera info of a frame, received at ``now_ns``."""
        if self._first is None:
            self._first = key
        self._in.tick(now_ns)
        self._received[key] = now_ns
        if len(self._received) > KEPT:
            self._received.popitem(last=False)
        self._ledger.on_published(key)

    def detected(self, key: int, now_ns: int) -> None:
        """Note the detections of a frame, received at ``now_ns``."""
        self._out.tick(now_ns)
        if self._first is None or key < self._first:
            return
        begun = self._received.pop(key, None)
        if begun is not None:
            self._latency.add((now_ns - begun) / 1e6)
        self._ledger.on_detected(key)

    def dropped(self, key: int, reason: str) -> None:
        """Note why a frame will not come out."""
        self._ledger.on_dropped(key, reason)

    def alive(self, now_ns: int) -> bool:
        """Return whether the camera, or what is detected in its pictures, is heard of."""
        return min(self._in.age_ns(now_ns), self._out.age_ns(now_ns)) < SILENT_NS

    def view(self, now_ns: int) -> dict[str, object]:
        """Return the account; what needs camera info is None while there is none."""
        ledger = self._ledger
        known = self._first is not None
        lost = ledger.lost
        settled = ledger.detected + sum(lost.values())
        heard_ns = min(self._in.age_ns(now_ns), self._out.age_ns(now_ns))
        return {
            'name': self.name,
            'heard_ms': None if heard_ns == _NEVER_NS else heard_ns // 1_000_000,
            'in': ledger.published if known else None,
            'out': ledger.detected if known else self._out.count,
            'lost': sum(lost.values()) if known else None,
            'waiting': max(0, ledger.published - settled) if known else None,
            'reasons': {reason: count for reason, count in sorted(lost.items()) if count},
            'duplicates': ledger.duplicates,
            'out_of_order': ledger.out_of_order,
            'fps_in': self._in.hz(now_ns) if known else None,
            'fps_out': self._out.hz(now_ns),
        }


_NEVER_NS = 1 << 62


class _Rate:
    """How often something comes."""

    def __init__(self) -> None:
        self.count = 0
        self._times: deque[int] = deque(maxlen=1024)

    def tick(self, now_ns: int) -> None:
        """Note that it came."""
        self.count += 1
        self._times.append(now_ns)

    def age_ns(self, now_ns: int) -> int:
        """Return how long ago it came last."""
        return now_ns - self._times[-1] if self._times else _NEVER_NS

    def hz(self, now_ns: int) -> float:
        """Return the rate over the last two seconds."""
        while self._times and now_ns - self._times[0] > RATE_WINDOW_NS:
            if len(self._times) == 1:
                break
            self._times.popleft()
        recent = sum(now_ns - time <= RATE_WINDOW_NS for time in self._times)
        return round(recent / (RATE_WINDOW_NS / 1e9), 1)
