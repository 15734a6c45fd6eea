# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A frame on its way through the detector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class FrameJob:
    """
    One image to work on.

    ``image``: uint8, H x W x 3, BGR; None: resume only. ``stamp_ns`` names the frame everywhere:
    it is its key among ``restage.cameras``, ``camera`` the number of its camera, and ``header_ns``
    the stamp in its header (0: the same as the key).
    """

    stamp_ns: int
    frame_id: str
    image: NDArray[np.uint8] | None
    received_ns: int = 0
    camera: int = 0
    header_ns: int = 0


@dataclass(frozen=True, kw_only=True)
class ResumeJob:
    """
    A frame that another node began: its store, and the latest boundary to resume from.

    ``frame``: the image itself, where this node has received it too.
    """

    stamp_ns: int
    from_node: str
    boundary: int
    frame: FrameJob | None = None


def from_image(job: FrameJob) -> dict[str, torch.Tensor]:
    """
    Return the state that inference starts from.

    :raises ValueError: when the job has no image.
    """
    if job.image is None:
        raise ValueError(f'frame {job.stamp_ns} has neither an image nor a checkpoint')
    return {'image': torch.from_numpy(job.image)}
