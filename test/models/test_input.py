# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures on their way into a network, and boxes on their way back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from restage.models.input import FITS, InputOptions, Preprocess, to_picture
from restage.models.select import Selection, select


def picture(width: int = 200, height: int = 100) -> torch.Tensor:
    image = torch.zeros(height, width, 3, dtype=torch.uint8)
    image[..., 0], image[..., 2] = 10, 200  # blue, red
    return image


@pytest.mark.parametrize('fit', FITS)
def test_boxes_find_their_way_back(fit):
    options = InputOptions(size=(64, 64), fit=fit)
    x, geometry = Preprocess(options)(picture())
    assert x.shape == (1, 3, 64, 64)
    inside = {
        'letterbox': [0.0, 16.0, 64.0, 48.0],
        'corner': [0.0, 0.0, 64.0, 32.0],
        'stretch': [0.0, 0.0, 64.0, 64.0],
    }[fit]
    assert to_picture(torch.tensor([inside]), geometry).tolist() == [[0.0, 0.0, 200.0, 100.0]]
    left, top, right, bottom = (int(edge) for edge in inside)
    assert torch.allclose(x[0, 0, top:bottom, left:right], torch.tensor(200 / 255))
    outside = x[0, 0].clone()
    outside[top:bottom, left:right] = 114 / 255
    assert torch.allclose(outside, torch.tensor(114 / 255))


def test_colours_are_in_the_order_that_the_network_wants():
    size = (200, 100)
    rgb, _ = Preprocess(InputOptions(size=size, colour='rgb', scale=1.0))(picture())
    bgr, _ = Preprocess(InputOptions(size=size, colour='bgr', scale=1.0))(picture())
    assert rgb[0, :, 0, 0].tolist() == [200.0, 0.0, 10.0]
    assert bgr[0, :, 0, 0].tolist() == [10.0, 0.0, 200.0]


def test_values_are_scaled_shifted_and_divided():
    options = InputOptions(size=(200, 100), scale=0.01, mean=(1.0, 0.5, 0.0), std=(0.5, 0.25, 2.0))
    x, _ = Preprocess(options)(picture())
    assert x[0, :, 3, 4].tolist() == pytest.approx([2.0, -2.0, 0.05])


def test_a_box_beyond_the_picture_ends_at_its_edge():
    _, geometry = Preprocess(InputOptions(size=(64, 64)))(picture())
    boxes = torch.tensor([[-5.0, 0.0, 80.0, 64.0]])
    assert to_picture(boxes, geometry).tolist() == [[0.0, 0.0, 200.0, 100.0]]


@pytest.mark.parametrize(
    'image',
    [
        torch.zeros(4, 4, 3),
        torch.zeros(4, 4, dtype=torch.uint8),
        torch.zeros(4, 4, 1, dtype=torch.uint8),
        torch.zeros(0, 4, 3, dtype=torch.uint8),
    ],
)
def test_what_is_no_picture_is_refused(image):
    with pytest.raises(ValueError, match='expected a'):
        Preprocess(InputOptions(size=(64, 64)))(image)


def test_the_best_of_each_object_is_kept_best_first():
    boxes = torch.tensor([[0.0, 0, 10, 10], [1.0, 0, 11, 10], [50.0, 50, 60, 60], [0.0, 0, 10, 10]])
    scores = torch.tensor([[0.6, 0], [0.9, 0], [0.7, 0], [0.0, 0.5]])
    geometry = torch.tensor([1.0, 1.0, 0.0, 0.0, 100.0, 100.0])
    found, support = select(boxes, scores, geometry, Selection(score=0.4, overlap=0.5))
    assert found[:, 4].tolist() == pytest.approx([0.9, 0.7, 0.5])
    assert found[:, 5].tolist() == [0.0, 0.0, 1.0]
    assert support.tolist() == [2, 1, 1]
    everything, _ = select(boxes, scores, geometry, Selection(score=0.4, overlap=1.0))
    assert len(everything) == 4
    nothing, none = select(boxes, scores, geometry, Selection(score=0.95))
    assert nothing.shape == (0, 6)
    assert none.shape == (0,)


def test_the_geometry_ends_with_the_size_of_the_picture():
    _, geometry = Preprocess(InputOptions(size=(64, 64)))(picture(37, 91))
    assert geometry[-2:].tolist() == [37.0, 91.0]
    assert np.isfinite(geometry.numpy()).all()
