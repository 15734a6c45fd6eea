# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np

from restage.bench.accounts import Window, account, published_until
from restage.bench.trial import Trial
from restage.camera.frame_log import FrameRecord
from restage.demo.frames import FrameAccounts, Output
from restage.demo.golden import Golden


def record(stamp_ns: int) -> FrameRecord:
    return FrameRecord(stamp_ns, index=stamp_ns % 10, loop=0, published_monotonic_ns=stamp_ns)


def output(stamp_ns: int, value: float = 0.0) -> Output:
    return Output(stamp_ns, stamp_ns, np.full((1, 6), value))


GOLDEN = {index: Golden(np.zeros((1, 6)), None) for index in range(10)}
FIRST = Trial(arm='stage_resume', fault='nan', number=1, injected_ns=1)
SECOND = Trial(arm='stage_resume', fault='exception', number=2, injected_ns=2)


def test_every_lost_and_every_wrong_frame_belongs_to_exactly_one_trial() -> None:
    outputs = [output(10), output(12, 1.0), output(13), output(15, 2.0), output(16, 3.0)]
    accounts = FrameAccounts(
        {stamp: record(stamp) for stamp in range(10, 17)},
        {one.stamp_ns: one for one in outputs},
        0,
        0,
    )
    first, second = account([Window(FIRST, 13), Window(SECOND, 16)], accounts, GOLDEN)
    assert (first.frames_lost, first.wrong) == (1, 1)
    assert (second.frames_lost, second.wrong) == (1, 2)


def test_a_run_without_losses_has_none() -> None:
    accounts = FrameAccounts({10: record(10)}, {10: output(10)}, 0, 0)
    (trial,) = account([Window(FIRST, 10)], accounts, GOLDEN)
    assert (trial.frames_lost, trial.wrong) == (0, 0)
    assert account([], accounts, GOLDEN) == []


def test_what_was_published_after_the_end_is_not_judged() -> None:
    records = [record(stamp) for stamp in (10, 11, 12)]
    assert [one.stamp_ns for one in published_until(records, 11)] == [10, 11]


def test_a_trial_without_good_output_has_no_total() -> None:
    assert FIRST.total_ms is None
    assert Trial(arm='a', fault='b', number=1, injected_ns=5, first_good_ns=2_000_005).total_ms == 2
