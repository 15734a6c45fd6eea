# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every decoder finds the box that was put into its outputs."""

from __future__ import annotations

import math

import pytest
import torch

from restage.models.decoders import DECODERS, make_decoder

SIZE = (320, 160)
BOX = [80.0, 40.0, 160.0, 120.0]  # centre 120, 80; 80 x 80
LABEL = 2
CLASSES = 3


def logit(value: float) -> float:
    return math.log(value / (1 - value))


def fastestdet() -> list[torch.Tensor]:
    grid = torch.zeros(1, 5 + CLASSES, 10, 20)  # cells of 16 x 16
    grid[0, :, 5, 7] = torch.tensor(
        [0.9, math.atanh(0.5), 0.0, logit(80 / 320), logit(80 / 160), 0.0, 0.0, 0.8]
    )
    return [grid]


def yolov5() -> list[torch.Tensor]:
    rows = torch.zeros(1, 50, 5 + CLASSES)
    rows[0, 9] = torch.tensor([120.0, 80.0, 80.0, 80.0, 0.9, 0.0, 0.0, 0.8])
    return [rows]


def yolov8() -> list[torch.Tensor]:
    rows = torch.zeros(1, 4 + CLASSES, 50)
    rows[0, :, 9] = torch.tensor([120.0, 80.0, 80.0, 80.0, 0.0, 0.0, 0.8])
    return [rows]


def yolox() -> list[torch.Tensor]:
    count = 40 * 20 + 20 * 10 + 10 * 5
    rows = torch.zeros(1, count, 5 + CLASSES)
    at = 40 * 20 + 5 * 20 + 7  # cell 7, 5 of stride 16
    rows[0, at] = torch.tensor([0.5, 0.0, math.log(5), math.log(5), 0.9, 0.0, 0.0, 0.8])
    return [rows]


def centre() -> list[torch.Tensor]:
    heat, size, offset = torch.zeros(1, CLASSES, 20, 40), torch.zeros(1, 2, 20, 40), None
    offset = torch.zeros(1, 2, 20, 40)
    heat[0, LABEL, 10, 15] = 0.8
    heat[0, LABEL, 10, 16] = 0.7  # beside it, lower: not an object of its own
    size[0, :, 10, 15] = torch.tensor([10.0, 10.0])
    return [heat, size, offset]


def ssd() -> list[torch.Tensor]:
    places, scores = torch.zeros(1, 6, 4), torch.zeros(1, 6, 1 + CLASSES)
    places[0, 4] = torch.tensor([80 / 320, 40 / 160, 160 / 320, 120 / 160])
    scores[0, 4, 1 + LABEL] = 0.8
    return [places, scores]


def detr() -> list[torch.Tensor]:
    logits, boxes = torch.zeros(1, 6, CLASSES + 1), torch.zeros(1, 6, 4)
    logits[..., -1] = 9.0
    logits[0, 4] = torch.tensor([0.0, 0.0, 6.0, 0.0])
    boxes[0, 4] = torch.tensor([120 / 320, 80 / 160, 80 / 320, 80 / 160])
    return [logits, boxes]


def boxes() -> list[torch.Tensor]:
    return [torch.tensor([BOX]), torch.tensor([0.8]), torch.tensor([LABEL])]


@pytest.mark.parametrize(
    ('kind', 'outputs', 'score'),
    [
        ('fastestdet', fastestdet(), 0.9**0.6 * 0.8**0.4),
        ('yolov5', yolov5(), 0.72),
        ('yolov8', yolov8(), 0.8),
        ('yolox', yolox(), 0.72),
        ('centre', centre(), 0.8),
        ('ssd', ssd(), 0.8),
        ('detr', detr(), math.exp(6) / (math.exp(6) + 3)),
        ('boxes', boxes(), 0.8),
    ],
)
def test_the_box_that_is_there_is_found(kind, outputs, score):
    found, scores = make_decoder(kind, SIZE, {})(outputs)
    assert scores.shape == (len(found), CLASSES)
    best, label = scores.max(dim=1)
    index = int(best.argmax())
    assert best[index].item() == pytest.approx(score, abs=1e-5)
    assert int(label[index]) == LABEL
    assert found[index].tolist() == pytest.approx(BOX, abs=1e-3)
    best[index] = 0.0
    assert best.max().item() <= 0.01 if len(best) > 1 else True


def test_every_kind_is_tested():
    tested = {'fastestdet', 'yolov5', 'yolov8', 'yolox', 'centre', 'ssd', 'detr', 'boxes'}
    assert set(DECODERS) == tested | {'roadnet'}  # that one with the network itself


def test_ssd_with_priors_decodes_as_its_paper_says():
    prior = [0.5, 0.5, 0.2, 0.4]
    places = torch.tensor([[[1.0, -1.0, math.log(2) / 0.2, 0.0]]])
    logits = torch.tensor([[[0.0, 5.0]]])
    found, scores = make_decoder('ssd', (100, 100), {'priors': [prior]})([places, logits])
    # centre 0.5 + 1 * 0.1 * 0.2, 0.5 - 1 * 0.1 * 0.4; size 0.4 x 0.4
    assert found[0].tolist() == pytest.approx([32.0, 26.0, 72.0, 66.0], abs=1e-3)
    assert scores.shape == (1, 1)
    assert scores.item() == pytest.approx(math.exp(5) / (1 + math.exp(5)))


@pytest.mark.parametrize(
    ('kind', 'options', 'message'),
    [
        ('yolo', {}, "kind: 'yolo'; accepted: roadnet, fastestdet"),
        ('yolov8', {'strides': [8]}, "options: 'strides' of 'yolov8'; accepted: none"),
        ('centre', {'window': 2}, 'options: window 2; accepted: odd'),
    ],
)
def test_what_is_not_accepted_is_named(kind, options, message):
    with pytest.raises(ValueError, match=message):
        make_decoder(kind, SIZE, options)


@pytest.mark.parametrize(
    ('kind', 'outputs'),
    [
        ('yolov5', [torch.zeros(1, 7)]),
        ('yolox', [torch.zeros(1, 7, 8)]),
        ('detr', [torch.zeros(1, 7, 4), torch.zeros(1, 6, 4)]),
        ('centre', [torch.zeros(1, 3, 4, 4), torch.zeros(1, 2, 4, 5), torch.zeros(1, 2, 4, 4)]),
    ],
)
def test_outputs_of_another_shape_are_refused(kind, outputs):
    with pytest.raises(ValueError, match='accepted: '):
        make_decoder(kind, SIZE, {})(outputs)
