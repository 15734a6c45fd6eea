# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A live system for the end-to-end tests: real nodes, real processes, real DDS."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from restage.camera.frame_log import FrameRecord, read_frame_log
from restage.demo.golden import as_array
from restage.harness.inject import Injection
from restage.harness.session import Session, session
from restage.nodes.messages import detections_message, header_of
from restage.scene import RoadScene
from restage.stages.loading import load_model
from restage.stages.runner import StageRunner
from restage.system import SystemOptions

# Far beyond what any step takes: these tests assert what happens, not how fast.
PATIENCE_S = 30.0
SEED = 4


@dataclass
class Live:
    """A running system with an endless synthetic camera."""

    session: Session
    injection: Injection
    frame_log: Path

    def records(self) -> dict[int, FrameRecord]:
        """Return the frames published so far by stamp."""
        return {record.stamp_ns: record for record in read_frame_log(self.frame_log)}

    def stamps_out(self) -> list[int]:
        """Return the stamps of all detections received, in order of receipt."""
        return [stamp for stamp, _, _ in self.session.observer.seen.detections]

    def wait_for_more(self, count: int) -> None:
        """Wait until ``count`` more detections have been received."""
        have = len(self.stamps_out())
        assert self.session.observer.wait_for(
            lambda seen: len(seen.detections) >= have + count, PATIENCE_S
        ), f'only {len(self.stamps_out()) - have} of {count} more detections came'

    def assert_all_out_once_in_order(self, first: int, last: int) -> None:
        """Assert that every frame published from stamp ``first`` to ``last`` came out once."""
        published = [stamp for stamp in self.records() if first <= stamp <= last]
        out = [stamp for stamp in self.stamps_out() if first <= stamp <= last]
        assert len(published) > 0
        assert out == published

    def assert_bit_identical(self, first: int, last: int) -> None:
        """Assert that what came out for those frames is what a fault-free run gives."""
        runner = StageRunner(load_model('bundled'))
        scene = RoadScene(SEED)
        records = self.records()
        checked = 0
        for stamp, _, message in list(self.session.observer.seen.detections):
            if first <= stamp <= last:
                image = np.ascontiguousarray(scene.frame(records[stamp].index).image)
                clean = runner.run_all(torch.from_numpy(image))['detections']
                wanted = as_array(detections_message(header_of(0, ''), clean))
                np.testing.assert_array_equal(as_array(message), wanted)
                checked += 1
        assert checked > 0


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A system of all five nodes, ready, its camera running, a few detections seen."""
    options = SystemOptions(
        seed=SEED,
        frame_log=str(tmp_path / 'frames.jsonl'),
        allow_fault_injection=True,
        stage_deadline_ms=1500.0,
    )
    with session(options, tmp_path / 'log') as running:
        running.start_camera()
        system = Live(running, Injection(running.observer), tmp_path / 'frames.jsonl')
        system.wait_for_more(10)
        yield system


@pytest.fixture
def until() -> Callable[[Callable[[], bool], str], None]:
    """Wait for a condition that no message announces, with a deadline."""

    def wait(condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, f'never happened: {what}'
            time.sleep(0.02)

    return wait


def pid_alive(pid: int) -> bool:
    """Return whether the process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
