# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A folder of images, or one image, in the order of the file names."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from restage.camera.camera_info import Intrinsics
from restage.camera.errors import ImageError, SourceError
from restage.camera.frame import Frame, OnSkip
from restage.camera.image_file import read_image

IMAGE_SUFFIXES = ('.png', '.jpg', '.jpeg', '.bmp', '.webp')
RATE_HZ = 10.0


def list_images(folder: Path) -> list[Path]:
    """Return the image files directly in a folder, sorted by name."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()
    )


class FolderSource:
    """
    The images of a folder (or a single image file); damaged ones are skipped and reported.

    Images have no rate of their own; 10 a second is assumed.

    :raises SourceError: when there is no image, or none that can be read.
    """

    def __init__(self, path: Path, on_skip: OnSkip) -> None:
        self._path = path
        self._on_skip = on_skip
        self._files = [path] if path.is_file() else list_images(path)
        if not self._files:
            raise SourceError(
                f"source '{path}': the folder has no images ({', '.join(IMAGE_SUFFIXES)}), "
                'and it is not a rosbag2 folder (no metadata.yaml, no .mcap or .db3 file)'
            )
        self._check_readable()

    def _check_readable(self) -> None:
        first_error: ImageError | None = None
        for file in self._files:
            try:
                read_image(file)
            except ImageError as error:
                first_error = first_error or error
            else:
                return
        raise SourceError(
            f"source '{self._path}': none of its {len(self._files)} image(s) can be read; "
            f'{first_error}'
        )

    @property
    def rate_hz(self) -> float:
        """10 frames a second."""
        return RATE_HZ

    @property
    def description(self) -> str:
        """Path and number of images."""
        return f'{len(self._files)} image(s) of {self._path}'

    @property
    def intrinsics(self) -> Intrinsics | None:
        """None: images carry no calibration."""
        return None

    def frames(self) -> Generator[Frame, None, None]:
        """Read the images in order; ``index`` is the position in the sorted list."""
        for index, file in enumerate(self._files):
            try:
                image = read_image(file)
            except ImageError as error:
                self._on_skip(index, 1, str(error))
            else:
                yield Frame(index, image)

    def close(self) -> None:
        """Nothing is held."""
