# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from restage.detector.boxes import decode_boxes, locations, overlap_matrix, paired_overlap


def test_locations_are_cell_centres():
    centres, strides = locations([(2, 2), (1, 1), (1, 1)])
    assert centres[:4].tolist() == [[4, 4], [12, 4], [4, 12], [12, 12]]
    assert strides.tolist() == [8, 8, 8, 8, 16, 32]


def test_decoding():
    raw = torch.tensor([[0.5, -0.5, 0.0, 1.0]])
    box = decode_boxes(raw, torch.tensor([[100.0, 50.0]]), torch.tensor([8.0]))
    tall = 8 * torch.e / 2
    assert box[0].tolist() == pytest.approx([100, 46 - tall, 108, 46 + tall], abs=1e-4)


def test_generalised_overlap_by_hand():
    a = torch.tensor([[0.0, 0, 2, 2], [0, 0, 1, 1]])
    b = torch.tensor([[1.0, 1, 3, 3], [2, 0, 3, 1]])
    iou, general = paired_overlap(a, b)
    assert iou.tolist() == pytest.approx([1 / 7, 0])
    assert general.tolist() == pytest.approx([1 / 7 - 2 / 9, -1 / 3])


def test_matrix_agrees_with_pairs():
    torch.manual_seed(0)
    low = torch.rand(6, 2) * 10
    boxes = torch.cat([low, low + torch.rand(6, 2) * 10], dim=1)
    matrix = overlap_matrix(boxes, boxes)
    assert torch.allclose(matrix.diagonal(), torch.ones(6))
    assert torch.allclose(matrix[0, 1], paired_overlap(boxes[:1], boxes[1:2])[0][0])
