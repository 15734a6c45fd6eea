# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A standby that works now and then: warm when it is needed, and proven to work."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from restage.stages.queue import FrameQueue
from restage.stages.runner import StageError, StageRunner


class Shadow:
    """
    Runs the newest frame through the model and throws the result away.

    ``percent`` of a core is not exceeded; 0: never. ``runs`` counts those that went well.
    """

    def __init__(
        self,
        runner: StageRunner,
        percent: float,
        on_stage: Callable[[], None],
        on_error: Callable[[StageError], None],
    ) -> None:
        """Call ``on_stage`` before every stage; tell ``on_error`` of an error in this standby."""
        self.runs = 0
        self._runner = runner
        self._percent = percent
        self._on_stage = on_stage
        self._on_error = on_error
        self._next_ns = 0

    def run_if_due(self, queue: FrameQueue) -> None:
        """Run if it is time and a frame waits; give up between two stages when promoted."""
        if self._percent == 0 or queue.is_open() or time.monotonic_ns() < self._next_ns:
            return
        frame = queue.newest()
        if frame is None or frame.image is None:
            return
        started = time.thread_time_ns()
        try:
            state = {'image': torch.from_numpy(frame.image)}
            for index in range(len(self._runner.model.stages)):
                if queue.is_open():
                    return
                self._on_stage()
                state.update(self._runner.run(index, state))
            self.runs += 1
        except StageError as error:
            self._on_error(error)
        spent = time.thread_time_ns() - started
        self._next_ns = time.monotonic_ns() + round(spent * (100 / self._percent - 1))
