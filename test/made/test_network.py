# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Networks of the project's own: their size, and that they load as those of users do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from restage.made.network import CLASSES, RESNET50_FPN, PyramidDetector, Shape
from restage.made.write import OBJECTS, write
from restage.scene import RoadScene
from restage.stages.loading import load_model
from restage.stages.runner import StageRunner

TINY = Shape(blocks=(1, 1, 1, 1), width=4, pyramid=4, depth=1)


def weights(shape: Shape) -> int:
    return sum(one.numel() for one in PyramidDetector(shape).parameters())


def test_the_large_one_has_the_weights_of_a_resnet_50_with_a_pyramid() -> None:
    assert 30e6 < weights(RESNET50_FPN) < 35e6


def test_twice_the_width_is_about_four_times_the_weights() -> None:
    small, large = (
        Shape(blocks=(1, 1, 1, 3), width=width, pyramid=width, depth=1) for width in (32, 64)
    )
    assert weights(large) / weights(small) == pytest.approx(4, rel=0.05)


def test_it_makes_a_row_for_each_cell_and_is_always_the_same() -> None:
    picture = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        rows, again = PyramidDetector(TINY)(picture), PyramidDetector(TINY)(picture)
        other = PyramidDetector(TINY, seed=2)(picture)
    assert rows.shape == (1, 8 * 12 + 4 * 6 + 2 * 3, 5 + CLASSES)
    assert torch.equal(rows, again)
    assert not torch.equal(rows, other)
    assert rows.isfinite().all()
    assert ((rows[..., 4:] >= 0) & (rows[..., 4:] <= 1)).all()


def test_a_written_one_loads_like_any_and_sees_something(tmp_path: Path) -> None:
    described = write(TINY, 64, tmp_path / 'tiny.pt2')
    model = load_model(str(described))
    assert model.input_size == (64, 64)
    image = torch.from_numpy(np.ascontiguousarray(RoadScene(1).frame(0).image))
    detections = StageRunner(model).run_all(image)['detections']
    # Some of the objects may be one behind another.
    assert 1 <= len(detections) <= OBJECTS
    assert load_model(str(described)).digest() == model.digest()


def test_the_cuts_can_be_given(tmp_path: Path) -> None:
    first = load_model(str(write(TINY, 64, tmp_path / 'first.pt2')))
    cut = first.stages[1].outputs[-1]
    second = load_model(str(write(TINY, 64, tmp_path / 'second.pt2', cuts=[cut])))
    assert [stage.name for stage in second.stages] == ['preprocess', 'part.0', 'part.1', 'decode']


@pytest.mark.parametrize('side', [0, 33, -32])
def test_a_size_that_no_grid_fits(side: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='accepted: a multiple of 32'):
        write(TINY, side, tmp_path / 'tiny.pt2')
    assert list(tmp_path.iterdir()) == []
