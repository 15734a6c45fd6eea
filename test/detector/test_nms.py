# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import torch

from restage.detector.nms import suppress

BOXES = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [2, 0, 12, 10], [50, 50, 60, 60]])


def test_overlapping_boxes_of_a_class_go():
    kept, support = suppress(BOXES, torch.zeros(4), 0.7)
    assert kept.tolist() == [0, 2, 3]  # the second went, so it cannot suppress the third
    assert support.tolist() == [2, 2, 1]  # and yet it agrees with both


def test_classes_do_not_mix():
    kept, support = suppress(BOXES, torch.tensor([0, 1, 2, 0]), 0.5)
    assert (kept.tolist(), support.tolist()) == ([0, 1, 2, 3], [1, 1, 1, 1])


def test_nothing():
    kept, support = suppress(torch.zeros(0, 4), torch.zeros(0), 0.5)
    assert (kept.tolist(), support.tolist()) == ([], [])


def test_a_point_supports_itself():
    kept, support = suppress(torch.tensor([[5.0, 5, 5, 5]]), torch.zeros(1), 0.5)
    assert (kept.tolist(), support.tolist()) == ([0], [1])
