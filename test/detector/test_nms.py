# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import torch

from restage.detector.nms import suppress

BOXES = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [2, 0, 12, 10], [50, 50, 60, 60]])


def test_overlapping_boxes_of_a_class_go():
    kept = suppress(BOXES, torch.zeros(4), 0.7)
    assert kept.tolist() == [0, 2, 3]  # the second went, so it cannot suppress the third


def test_classes_do_not_mix():
    assert suppress(BOXES, torch.tensor([0, 1, 2, 0]), 0.5).tolist() == [0, 1, 2, 3]


def test_nothing():
    assert suppress(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist() == []
