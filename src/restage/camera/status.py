# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the camera says about itself on /diagnostics."""

from __future__ import annotations

from restage.camera.stream import StreamSnapshot, StreamState
from restage.diagnosis.status import Level, Status, Value

# A stream this much slower than asked for is worth a warning.
SLOW = 0.8


def describe_status(
    *,
    source: str,
    problem: str,
    snapshot: StreamSnapshot | None,
    frames_total: int,
    skipped: int,
    subscribers: int,
) -> Status:
    """
    Return the status of the node.

    :param source: the parameter's value.
    :param problem: what keeps the node from working as asked; empty: nothing does.
    :param snapshot: the stream's, or None where there is none.
    :param frames_total: published since the node started, over all sources.
    :param skipped: frames of this source that were lost because they cannot be decoded.
    :param subscribers: matched on image_raw.
    """
    values: dict[str, Value] = {
        'source': source,
        'state': snapshot.state.value if snapshot else StreamState.FAILED.value,
        'frames_out': snapshot.published if snapshot else 0,
        'frames_out_since_start': frames_total,
        'skipped_corrupt': skipped,
        'subscribers': subscribers,
    }
    if snapshot is not None:
        values |= {
            'rate_out_hz': snapshot.rate_hz,
            'rate_wanted_hz': snapshot.target_hz,
            'late_periods': snapshot.missed,
            'loop': snapshot.loop,
        }
    level, message = _judge(problem, snapshot, skipped)
    return Status('status', level, message, values)


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
        return Level.WARN, f'{message}, slower than the {snapshot.target_hz:.1f} Hz wanted'
    return Level.OK, message
