# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which frames of each trial were lost, and which came out wrong: by the camera's own record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from restage.bench.trial import Trial
from restage.camera.frame_log import FrameRecord
from restage.demo.frames import FrameAccounts
from restage.demo.golden import Golden


@dataclass(frozen=True)
class Window:
    """A trial, and the last frame that belongs to it: those after it are the next one's."""

    trial: Trial
    last_stamp_ns: int


def account(
    windows: Sequence[Window], accounts: FrameAccounts, golden: Mapping[int, Golden]
) -> list[Trial]:
    """
    Return the trials with their lost and wrong frames counted.

    Every frame that the camera published belongs to one trial: none is overlooked.
    """
    trials = []
    stamps = np.array(sorted(accounts.published), np.int64)
    lost = np.array(accounts.lost, np.int64)
    wrong = np.array(accounts.differing(golden), np.int64)
    first = int(stamps[0]) if len(stamps) else 0
    for window in windows:
        last = window.last_stamp_ns
        trials.append(
            replace(
                window.trial,
                frames_lost=int(((lost >= first) & (lost <= last)).sum()),
                wrong=int(((wrong >= first) & (wrong <= last)).sum()),
            )
        )
        first = last + 1
    return trials


def published_until(records: Sequence[FrameRecord], last_stamp_ns: int) -> list[FrameRecord]:
    """Return the records up to a frame: what the camera published after the end is not judged."""
    return [record for record in records if record.stamp_ns <= last_stamp_ns]
