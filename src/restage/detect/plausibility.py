# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether detections can be true: by themselves, and after those of the frame before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import chain

import torch

from restage.cameras import Cameras
from restage.detect.detector import ErrorDetector, Finding
from restage.detect.finite import FiniteDetector
from restage.detect.geometry import impossible
from restage.detect.support import weakly_supported
from restage.detect.tracks import Tracks
from restage.stages.model import Stage, StagedModel


class PlausibilityDetector(ErrorDetector):
    """
    Check what the last stage puts out.

    What is impossible is certain; what no clean frame has had (an object that comes out of
    nothing, goes into it, jumps, or has a high score with little support, more than ``limits``
    say) is not. A frame is compared with the one before it of the same camera.
    """

    name = 'plausibility'

    def __init__(
        self,
        model: StagedModel,
        limits: Mapping[str, float],
        cameras: Cameras = Cameras(),  # noqa: B008 - frozen
    ) -> None:
        """Use ``limits`` by the name of the event; one that is not there is not looked for."""
        self._last = model.stages[-1].name
        self._classes = len(model.class_names)
        self._limits = limits
        self._cameras = cameras
        self._of_each = tuple(Tracks() for _ in cameras.names)
        self._tracks = self._of_each[0]
        self._stamp_ns = 0

    def begin(self, stamp_ns: int) -> None:
        """Check the frame ``stamp_ns`` from now on."""
        self._stamp_ns = stamp_ns
        self._tracks = self._of_each[self._cameras.of(stamp_ns)]

    def check(
        self, stage: Stage, inputs: Mapping[str, torch.Tensor], outputs: Mapping[str, torch.Tensor]
    ) -> Finding | None:
        """Return what is wrong with the detections; None if they can be true."""
        if stage.name != self._last:
            return None
        rows = outputs['detections'].tolist()
        width, height = _picture(inputs)
        wrong = impossible(rows, self._classes, width, height)
        if wrong is not None:
            finite = all(map(math.isfinite, chain.from_iterable(rows)))
            return Finding(wrong, detector='' if finite else FiniteDetector.name)
        unusual = self._tracks.unusual(rows, self._stamp_ns)
        support = outputs.get('support')
        if support is not None:
            if len(support) != len(rows):
                return Finding(f'{len(rows)} detections, and the support of {len(support)}')
            unusual |= weakly_supported(rows, support.tolist())
        for what, one in unusual.items():
            if one.degree > self._limits.get(what, math.inf):
                return Finding(f'{what}: {one}, accepted up to {self._limits[what]:.4g}', False)
        return None

    def published(self, detections: torch.Tensor) -> None:
        """Remember the objects of the frame."""
        self._tracks.learn(detections.tolist(), self._stamp_ns)


def _picture(inputs: Mapping[str, torch.Tensor]) -> tuple[float, float]:
    """Return width and height of the source picture, infinite where the stage does not know."""
    geometry = inputs.get('geometry')
    if geometry is None:
        return math.inf, math.inf
    *_, width, height = geometry.tolist()
    return width, height
