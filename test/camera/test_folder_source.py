# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import cv2
import numpy as np
import pytest

from restage.camera.errors import SourceError
from restage.camera.folder_source import FolderSource


@pytest.mark.parametrize('suffix', ['.png', '.bmp', '.PNG'])
def test_frames_in_the_order_of_names(make_folder, picture, skips, suffix):
    source = FolderSource(make_folder(4, suffix), skips)
    frames = list(source.frames())
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    for frame in frames:
        np.testing.assert_array_equal(frame.image, picture(frame.index))
    assert len(list(source.frames())) == 4
    assert skips.calls == []


@pytest.mark.parametrize('suffix', ['.jpg', '.jpeg', '.webp'])
def test_lossy_formats(make_folder, picture, skips, suffix):
    frames = list(FolderSource(make_folder(2, suffix), skips).frames())
    assert np.abs(frames[1].image.astype(int) - picture(1)).mean() < 12


@pytest.mark.parametrize('suffix', ['.png', '.jpg'])
@pytest.mark.parametrize('keep', [0, 40, 0.5])
def test_a_corrupt_image_in_the_middle_is_skipped_and_named(make_folder, skips, suffix, keep):
    folder = make_folder(5, suffix)
    bad = folder / f'0002{suffix}'
    data = bad.read_bytes()
    bad.write_bytes(data[: keep if isinstance(keep, int) else int(len(data) * keep)])
    frames = list(FolderSource(folder, skips).frames())
    assert [frame.index for frame in frames] == [0, 1, 3, 4]
    ((first, count, reason),) = skips.calls
    assert (first, count) == (2, 1)
    assert str(bad) in reason


def test_a_grey_png_becomes_bgr(tmp_path, skips):
    cv2.imwrite(str(tmp_path / 'grey.png'), np.full((4, 6), 77, np.uint8))
    (frame,) = FolderSource(tmp_path, skips).frames()
    assert frame.image.shape == (4, 6, 3)
    assert (frame.image == 77).all()


def test_a_single_image_file(make_folder, picture, skips):
    (frame,) = FolderSource(make_folder(3) / '0001.png', skips).frames()
    np.testing.assert_array_equal(frame.image, picture(1))


def test_a_folder_without_images(tmp_path, skips):
    (tmp_path / 'notes.txt').write_text('no image')
    with pytest.raises(SourceError, match=r'no images \(\.png') as caught:
        FolderSource(tmp_path, skips)
    assert str(tmp_path) in str(caught.value)


def test_only_corrupt_images_are_refused_by_name(make_folder, skips):
    folder = make_folder(2)
    for file in folder.iterdir():
        file.write_bytes(b'nonsense')
    with pytest.raises(SourceError, match=r'none of its 2 image.*0000\.png'):
        FolderSource(folder, skips)
