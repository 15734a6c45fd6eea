# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the camera says about itself on /diagnostics."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from restage.camera.stream import StreamSnapshot, StreamState

# A stream this much slower than asked for is worth a warning.
SLOW = 0.8


class Level(enum.IntEnum):
    """diagnostic_msgs/DiagnosticStatus levels."""

    OK = 0
    WARN = 1
    ERROR = 2


@dataclass(frozen=True)
class CameraStatus:
    """Level, one line for people, and the numbers behind it."""

    level: Level
    message: str
    values: dict[str, str]


def describe_status(
    *,
    source: str,
    problem: str,
    snapshot: StreamSnapshot | None,
    frames_total: int,
    skipped: int,
    subscribers: int,
) -> CameraStatus:
    """
    Return the status of the node.

    :param source: the parameter's value.
    :param problem: what keeps the node from working as asked; empty: nothing does.
    :param snapshot: the stream's, or None where there is none.
    :param frames_total: published since the node started, over all sources.
    :param skipped: frames of this source that were lost because they cannot be decoded.
    :param subscribers: matched on image_raw.
    """
    values = {
        'source': source,
        'state': snapshot.state.value if snapshot else StreamState.FAILED.value,
        'frames published': str(snapshot.published if snapshot else 0),
        'frames published since start': str(frames_total),
        'frames skipped (corrupt)': str(skipped),
        'subscribers': str(subscribers),
    }
    if snapshot is not None:
        values |= {
            'rate (Hz)': f'{snapshot.rate_hz:.2f}',
            'target rate (Hz)': f'{snapshot.target_hz:.2f}',
            'late periods': str(snapshot.missed),
            'loop': str(snapshot.loop),
        }
    level, message = _judge(problem, snapshot, skipped)
    return CameraStatus(level, message, values)


def _judge(problem: str, snapshot: StreamSnapshot | None, skipped: int) -> tuple[Level, str]:
    if snapshot is None or snapshot.state is StreamState.FAILED:
        return Level.ERROR, problem or (snapshot.error if snapshot else 'no source is open')
    message = snapshot.state.value
    if problem:
        return Level.WARN, f'{message}, but {problem}'
    if skipped:
        return Level.WARN, f'{message}, {skipped} corrupt frame(s) skipped'
    slow = 0.0 < snapshot.rate_hz < SLOW * snapshot.target_hz
    if snapshot.state is StreamState.STREAMING and slow:
        return (
            Level.WARN,
            f'{message} at {snapshot.rate_hz:.1f} of {snapshot.target_hz:.1f} Hz',
        )
    return Level.OK, message
