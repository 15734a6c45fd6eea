# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The pictures that a detector is run on in a campaign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from restage.coverage.frames import ROAD, sequences
from restage.detector.evaluate import Truth
from restage.detector.heldout import held_out_frames
from restage.scene import WEATHERS

LOOKED_AT = 300  # frames of a source: of a video at 30 Hz, ten seconds


# An image (uint8, H x W x 3, BGR), and what there is to detect in it, where that is known.
Picture = tuple[torch.Tensor, Truth | None]


def pictures_of(sources: Sequence[str], count: int) -> list[Picture]:
    """
    Return about ``count`` pictures, as many of each of ``sources``.

    :param sources: ``road`` (rendered, held out of training, in every weather), or what a camera
        can play; of that, spread evenly over its first 300 frames.
    :raises SourceError: for a source that cannot be opened.
    """
    share = -(-count // len(sources))
    return [
        picture
        for source in sources
        for picture in (held_out(share) if source == ROAD else _played(source, share))
    ]


def held_out(frames: int) -> Iterator[tuple[torch.Tensor, Truth]]:
    """Give about ``frames`` held-out frames, as many of every weather, with ground truth."""
    each = max(1, frames // len(WEATHERS))
    return ((image, truth) for _, image, truth in held_out_frames(scenes=1, frames=each))


def _played(source: str, count: int) -> list[Picture]:
    (found,) = sequences(source, LOOKED_AT)
    wanted = {round(at) for at in np.linspace(0, found.count - 1, min(count, found.count)).tolist()}
    return [(frame.image, None) for frame in found.frames() if frame.number in wanted]
