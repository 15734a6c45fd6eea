# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from restage.camera.errors import SourceError
from restage.sampling.pictures import pictures_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eleven pictures, each as bright as its number says."""
    for number in range(11):
        cv2.imwrite(str(tmp_path / f'{number:02d}.png'), np.full((8, 8, 3), number, np.uint8))
    return tmp_path


@pytest.mark.parametrize(('count', 'wanted'), [(1, [0]), (3, [0, 5, 10]), (40, [*range(11)])])
def test_pictures_are_taken_from_all_over_a_source(
    folder: Path, count: int, wanted: list[int]
) -> None:
    found = pictures_of([str(folder)], count)
    assert [int(image[0, 0, 0]) for image, _ in found] == wanted
    assert {truth for _, truth in found} == {None}


def test_each_source_has_its_share(folder: Path) -> None:
    found = pictures_of([str(folder), str(folder / '07.png'), str(folder)], 5)
    assert [int(image[0, 0, 0]) for image, _ in found] == [0, 10, 7, 0, 10]


def test_a_source_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match='has no images'):
        pictures_of([str(tmp_path)], 2)
