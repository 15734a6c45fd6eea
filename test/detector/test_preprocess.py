# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from restage.detector.preprocess import preprocess, to_source


def test_native_size_is_only_scaled():
    image = torch.randint(0, 256, (384, 640, 3), dtype=torch.uint8)
    x, geometry = preprocess(image)
    assert x.shape == (1, 3, 384, 640)
    assert x.is_contiguous(memory_format=torch.channels_last)
    assert torch.allclose(x[0].permute(1, 2, 0), image / 255.0)
    assert geometry.tolist() == [1.0, 640.0, 384.0]


@pytest.mark.parametrize('size', [(480, 640), (720, 1280), (100, 900), (33, 17)])
def test_other_sizes_are_padded_and_boxes_map_back(size):
    rows, cols = size
    x, geometry = preprocess(torch.full((rows, cols, 3), 255, dtype=torch.uint8))
    assert x.shape == (1, 3, 384, 640)
    scale = min(640 / cols, 384 / rows)
    whole = torch.tensor([[0.0, 0.0, cols * scale, rows * scale]])
    assert torch.allclose(to_source(whole, geometry), torch.tensor([[0.0, 0, cols, rows]]))
    assert abs(x[0, 0, 0, 0].item() - 1.0) < 1e-5


@pytest.mark.parametrize(
    'image',
    [
        torch.zeros(384, 640, 3),
        torch.zeros(384, 640, dtype=torch.uint8),
        torch.zeros(0, 4, 3, dtype=torch.uint8),
        torch.zeros(4, 4, 1, dtype=torch.uint8),
    ],
)
def test_other_types_are_refused(image):
    with pytest.raises(ValueError, match='uint8 H x W x 3'):
        preprocess(image)
