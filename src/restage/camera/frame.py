# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a source hands out and what every source can do."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from restage.camera.camera_info import Intrinsics

BgrImage = npt.NDArray[np.uint8]

OnSkip = Callable[[int, int, str], None]
"""Called with the first lost frame's index, how many are lost in a row, and why."""


@dataclass(frozen=True)
class Frame:
    """
    One frame of a source.

    ``index`` counts the source's own frames from 0, unreadable ones included, so that it
    names the same picture in every pass. ``image`` is uint8 H x W x 3 (BGR). ``stamp_ns`` is
    the time the source itself gives the frame, in ns, or None where it has none.
    """

    index: int
    image: BgrImage
    stamp_ns: int | None = None


class FrameSource(Protocol):
    """A place frames come from; each source module has one."""

    @property
    def rate_hz(self) -> float:
        """Frames per second this source was made for."""

    @property
    def description(self) -> str:
        """What this is, for people."""

    @property
    def intrinsics(self) -> Intrinsics | None:
        """The calibration that came with the frames, if any."""

    def frames(self) -> Generator[Frame, None, None]:
        """
        Return an iterator over one pass, from the first frame; can be called again.

        Closing it lets go of what it reads.

        :raises SourceError: while iterating, when the source can no longer be read.
        """

    def close(self) -> None:
        """Let go of files; harmless when repeated."""
