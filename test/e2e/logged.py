# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the camera noted of its frames, which it does after it has sent them."""

from __future__ import annotations

import time
from pathlib import Path

from restage.camera.frame_log import FrameRecord, read_frame_log

PATIENCE_S = 30.0


def logged(path: Path) -> dict[int, FrameRecord]:
    """Return the frames noted so far by stamp."""
    return {record.stamp_ns: record for record in read_frame_log(path)}


def logged_until(path: Path, stamp_ns: int) -> dict[int, FrameRecord]:
    """Return the frames published, by stamp, once that of ``stamp_ns`` is among them."""
    end = time.monotonic() + PATIENCE_S
    while True:
        records = logged(path)
        if stamp_ns in records:
            return records
        assert time.monotonic() < end, f'{stamp_ns} was never noted in {path}'
        time.sleep(0.01)
