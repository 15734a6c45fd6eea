# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What came out during the benchmark, kept small: it may last an hour."""

from __future__ import annotations

from pathlib import Path

from vision_msgs.msg import Detection2DArray

from restage.bench.accounts import Window, account, published_until
from restage.bench.trial import Trial
from restage.camera.frame_log import read_frame_log
from restage.camera.source import open_source
from restage.demo.frames import FrameAccounts, Output
from restage.demo.golden import as_array, fault_free
from restage.stages.model import StagedModel


class Record:
    """Collects outputs and trials; judges them at the end."""

    def __init__(self) -> None:
        self._outputs: dict[int, Output] = {}
        self._windows: list[Window] = []
        self._open: Trial | None = None
        self.duplicates = 0
        self.out_of_order = 0
        self._newest = 0

    def take(self, received: list[tuple[int, int, Detection2DArray]]) -> None:
        """Keep what was received: stamp in ns, receipt (CLOCK_MONOTONIC, ns), message."""
        for stamp_ns, received_ns, message in received:
            if stamp_ns in self._outputs:
                self.duplicates += 1
                continue
            self.out_of_order += stamp_ns < self._newest
            self._newest = max(self._newest, stamp_ns)
            self._outputs[stamp_ns] = Output(stamp_ns, received_ns, as_array(message))

    def begin(self, trial: Trial) -> None:
        """Note the trial that has just been run; its window ends with ``close``."""
        self._open = trial

    def close(self) -> None:
        """End the window of the last trial with what has come out so far."""
        if self._open is not None:
            self._windows.append(Window(self._open, self._newest))
            self._open = None

    @property
    def count(self) -> int:
        """How many trials are in."""
        return len(self._windows)

    def judge(self, model: StagedModel, pictures: str, log: Path) -> list[Trial]:
        """Return the trials with lost and wrong frames, by the camera's source and its ``log``."""
        last = self._windows[-1].last_stamp_ns if self._windows else 0
        records = published_until(read_frame_log(log), last)
        # Before the first output there was no system yet.
        first = min(self._outputs, default=0)
        published = {record.stamp_ns: record for record in records if record.stamp_ns >= first}
        accounts = FrameAccounts(published, self._outputs, self.duplicates, self.out_of_order)
        source = open_source(pictures, seed=0, width=0, height=0)
        indices = {record.index for record in published.values()}
        golden = dict(fault_free(model, source, indices, lambda _: False))
        return account(self._windows, accounts, golden)
