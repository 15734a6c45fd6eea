# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a campaign is to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from restage.coverage.errors import CoverageError
from restage.coverage.fault_choice import network_kinds
from restage.coverage.frames import ROAD
from restage.faults.errors import FaultError
from restage.faults.taxonomy import find_kind


@dataclass(frozen=True, kw_only=True)
class CoverageSettings:
    """
    ``faults`` faults spread evenly over ``clean_frames`` frames of ``sources``.

    ``per_frame``: faults that are injected into one frame, each by itself.

    :raises CoverageError: for anything that cannot be done.
    """

    model: str = 'bundled'
    calibration: str = ''
    sources: Sequence[str] = (ROAD,)
    clean_frames: int = 5_000
    faults: int = 4_500
    per_frame: int = 9
    seed: int = 21
    pairs: int = 300
    margin: float = 0.5
    boundaries: tuple[str, ...] = ('auto',)
    kinds: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Check every field; no kinds: all of the network."""
        for name in ('clean_frames', 'faults', 'per_frame', 'pairs'):
            if getattr(self, name) < 1:
                raise CoverageError(f'{name} is {getattr(self, name)}; accepted: at least 1')
        if not self.sources:
            raise CoverageError(f"no source; accepted: '{ROAD}', a video, a folder or a bag")
        known = network_kinds()
        for kind in self.kinds:
            if kind not in known:
                raise CoverageError(f"kind '{kind}'; accepted: {', '.join(known)}")
        if not self.kinds:
            object.__setattr__(self, 'kinds', known)
        try:
            for kind in self.kinds:
                find_kind(kind)
        except FaultError as error:
            raise CoverageError(str(error)) from None

    def as_data(self) -> dict[str, Any]:
        """Return everything in JSON's types."""
        return {**asdict(self), 'sources': list(self.sources), 'kinds': list(self.kinds)}
