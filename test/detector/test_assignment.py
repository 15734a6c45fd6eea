# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import torch

from restage.detector.assignment import assign
from restage.detector.boxes import locations

CENTRES, STRIDES = locations([(48, 80), (24, 40), (12, 20)])


def run(boxes, ignore=None):
    count = len(boxes)
    flags = torch.tensor(ignore or [False] * count)
    return assign(torch.tensor(boxes).reshape(-1, 4), torch.arange(count), flags, CENTRES, STRIDES)


def test_an_empty_picture_is_background():
    assert (run([]).labels == -1).all()


def test_size_chooses_the_level():
    for size, stride in ((30.0, 8), (120.0, 16), (300.0, 32)):
        labels = run([[20.0, 20.0, 20 + size, 20 + size]]).labels
        assert set(STRIDES[labels == 0].tolist()) == {stride}


def test_tiny_objects_get_their_nearest_location():
    assert (run([[101.0, 101.0, 104.0, 104.0]]).labels == 0).sum() >= 1


def test_the_smaller_object_wins():
    targets = run([[100.0, 100.0, 160.0, 160.0], [120.0, 120.0, 140.0, 140.0]])
    middle = ((torch.tensor([132.0, 132.0]) == CENTRES).all(dim=1) & (STRIDES == 8)).nonzero()[0, 0]
    assert targets.labels[middle] == 1
    assert targets.boxes[middle].tolist() == [120, 120, 140, 140]


def test_ignored_objects_are_dont_care():
    labels = run([[100.0, 100.0, 160.0, 160.0]], [True]).labels
    assert (labels >= 0).sum() == 0
    assert (labels == -2).sum() > 20
