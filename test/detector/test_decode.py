# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from restage.detector.decode import Decoder

GEOMETRY = torch.tensor([1.0, 640.0, 384.0])


def levels():
    return tuple(torch.full((1, 9, 384 // s, 640 // s), -9.0) for s in (8, 16, 32))


def test_silence():
    detections, support = Decoder(0.3)(levels(), GEOMETRY)
    assert (detections.shape, support.shape) == ((0, 6), (0,))


def test_one_object():
    outputs = levels()
    outputs[0][0, 5:, 10, 20] = 0.0
    outputs[0][0, 2, 10, 20] = 2.0
    (row,) = Decoder(0.3)(outputs, GEOMETRY)[0].tolist()
    assert row == pytest.approx([160, 80, 168, 88, 0.880797, 2], abs=1e-4)


def test_scores_descend_and_boxes_map_back_to_the_source():
    outputs = levels()
    for col, score in ((10, 1.0), (30, 3.0), (50, 2.0)):
        outputs[0][0, 5:, 10, col] = 0.0
        outputs[0][0, 0, 10, col] = score
    found, _ = Decoder(0.3)(outputs, torch.tensor([0.5, 1280.0, 768.0]))
    assert found[:, 4].tolist() == sorted(found[:, 4].tolist(), reverse=True)
    assert found[0, :4].tolist() == pytest.approx([480, 160, 496, 176])


def test_bad_threshold():
    with pytest.raises(ValueError, match='0 to 1'):
        Decoder(1.5)
