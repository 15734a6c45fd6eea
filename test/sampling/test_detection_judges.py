# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
import torch

from restage.sampling.detection_judges import ReferenceJudge
from restage.sampling.errors import SamplingError
from restage.stages.model import State

CLASSES = 5


def frame(*objects: tuple[float, int]) -> State:
    """Objects by where they begin and their class, the surest first."""
    rows = [[at, 0.0, at + 10.0, 10.0, 0.9 - n / 100, kind] for n, (at, kind) in enumerate(objects)]
    return {'detections': torch.tensor(rows).reshape(-1, 6)}


FIRST, SECOND = frame((0, 1), (50, 1), (90, 2)), frame((20, 2))
judge = ReferenceJudge([FIRST, SECOND], CLASSES)


def test_the_run_itself_has_no_damage() -> None:
    assert set(judge([FIRST, SECOND]).values()) == {0.0}


def test_an_object_that_is_lost_is_damage() -> None:
    found = judge([frame((0, 1), (90, 2)), SECOND])
    # F1 of 3 hits, none made up, 1 lost.
    assert found['damage'] == pytest.approx(1 - 6 / 7)
    assert found['map_loss'] == pytest.approx(0.25)
    changes = (found['tp_change'], found['fp_change'], found['fn_change'])
    assert changes == (-1.0, 0.0, 1.0)
    assert (found['ivmod'], found['due']) == (0.5, 0.0)


def test_an_object_that_is_made_up_is_damage_whatever_its_class() -> None:
    """MAP is blind to one of a class that does not occur."""
    found = judge([FIRST, frame((20, 2), (60, 4))])
    assert found['damage'] == pytest.approx(1 - 8 / 9)
    assert found['map_loss'] == 0.0
    assert (found['ivmod'], found['fp_change']) == (0.5, 1.0)


def test_what_is_no_number_is_seen_and_no_detection() -> None:
    broken = {'detections': torch.full((1, 6), torch.nan)}
    found = judge([broken, broken])
    assert (found['damage'], found['map_loss'], found['due'], found['ivmod']) == (1.0, 1.0, 1.0, 0)


def test_pictures_of_nothing_are_refused() -> None:
    nothing = {'detections': torch.from_numpy(np.zeros((0, 6), np.float32))}
    with pytest.raises(SamplingError, match='nothing is detected in these 2 pictures'):
        ReferenceJudge([nothing, nothing], CLASSES)
