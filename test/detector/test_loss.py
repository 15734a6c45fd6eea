# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from restage.detector.boxes import locations
from restage.detector.loss import detection_loss, quality_focal

CENTRES, STRIDES = locations([(2, 2), (1, 1), (1, 1)])


def test_focal_loss_by_hand():
    # p = 0.5, target 1: 0.5^2 * ln 2
    value = quality_focal(torch.zeros(1), torch.ones(1))
    assert value.item() == pytest.approx(0.25 * 0.693147, abs=1e-5)


def test_a_perfect_box_costs_nothing_and_dont_care_is_left_out():
    labels = torch.full((1, 6), -2)
    labels[0, 0] = 1
    boxes = torch.zeros(1, 6, 4)
    boxes[0, 0] = torch.tensor([0.0, 0.0, 8.0, 8.0])
    logits = torch.full((1, 6, 5), 9.0)  # confident nonsense where nobody cares
    logits[0, 0] = torch.tensor([-20.0, 20, -20, -20, -20])
    score, box = detection_loss(logits, torch.zeros(1, 6, 4), labels, boxes, CENTRES, STRIDES)
    assert score.item() == pytest.approx(0, abs=1e-5)
    assert box.item() == pytest.approx(0, abs=1e-5)


def test_without_objects_only_scores_count():
    labels = torch.full((1, 6), -1)
    score, box = detection_loss(
        torch.zeros(1, 6, 5), torch.zeros(1, 6, 4), labels, torch.zeros(1, 6, 4), CENTRES, STRIDES
    )
    assert score.item() > 0
    assert box.item() == 0
