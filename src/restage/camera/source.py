# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Opening a source by what the user wrote."""

from __future__ import annotations

import logging
from pathlib import Path

from restage.camera.bag_file import STORAGE_SUFFIXES, find_bag
from restage.camera.bag_source import BagSource
from restage.camera.errors import SourceError
from restage.camera.folder_source import IMAGE_SUFFIXES, FolderSource
from restage.camera.frame import Frame, FrameSource, OnSkip
from restage.camera.synthetic_source import KIND as SYNTHETIC
from restage.camera.synthetic_source import SyntheticSource
from restage.camera.video_source import VIDEO_SUFFIXES, VideoSource

__all__ = ['ACCEPTED', 'Frame', 'FrameSource', 'OnSkip', 'open_source']

ACCEPTED = (
    f"'{SYNTHETIC}' or '{SYNTHETIC}:WEATHER'; a video ({', '.join(VIDEO_SUFFIXES)}); "
    f'an image or a folder of images ({", ".join(IMAGE_SUFFIXES)}); '
    f'a rosbag2 folder or file ({", ".join(STORAGE_SUFFIXES)})'
)


def _log_skip(first: int, count: int, reason: str) -> None:
    logging.getLogger(__name__).warning('skipped %d frame(s) at %d: %s', count, first, reason)


def open_source(
    spec: str,
    *,
    seed: int,
    width: int,
    height: int,
    topic: str = '',
    on_skip: OnSkip = _log_skip,
) -> FrameSource:
    """
    Return the source that ``spec`` names.

    :param spec: see ``ACCEPTED``.
    :param seed: of the synthetic scene.
    :param width: of the synthetic scene, in pixels, as ``height``; files have their own size.
    :param topic: the image topic of a bag; empty: the only one.
    :param on_skip: told about every frame that is lost because it cannot be decoded.
    :raises SourceError: naming the value and what is accepted.
    """
    kind, _, weather = spec.partition(':')
    if kind == SYNTHETIC:
        return SyntheticSource(
            seed=seed, width=width, height=height, weather=weather if ':' in spec else None
        )
    path = Path(spec).expanduser()
    try:
        if not spec.strip() or not path.exists():
            raise SourceError(f"source '{spec}' does not exist; accepted: {ACCEPTED}")
        bag = find_bag(path)
        if bag is not None:
            return BagSource(bag, topic, on_skip)
        if path.is_dir() or path.suffix.lower() in IMAGE_SUFFIXES:
            return FolderSource(path, on_skip)
    except (OSError, ValueError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"source '{spec}' cannot be read: {error}") from None
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return VideoSource(path, on_skip)
    raise SourceError(f"source '{spec}' is of an unknown kind; accepted: {ACCEPTED}")
