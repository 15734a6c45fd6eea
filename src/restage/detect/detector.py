# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What an error detector is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from restage.stages.model import Stage


@dataclass(frozen=True)
class Finding:
    """
    What is wrong with the outputs of a stage, and whether that is ``certain``.

    What is not certain is unlikely in a sound run, and possible. It is believed to be sound if a
    run of the frame from its image finds the same again: ``message`` has the values in full.
    ``detector``: in whose name it is reported, if that is another's.
    """

    message: str
    certain: bool = True
    detector: str = ''


class ErrorDetector(ABC):
    """Looks at what a stage produced, before it is checkpointed or used."""

    name: str

    def begin(self, stamp_ns: int) -> None:  # noqa: B027 - most judge each frame by itself
        """Check the frame ``stamp_ns``, its key among ``restage.cameras``, from now on."""

    @abstractmethod
    def check(
        self, stage: Stage, inputs: Mapping[str, torch.Tensor], outputs: Mapping[str, torch.Tensor]
    ) -> Finding | None:
        """Return what is wrong with ``outputs``, or None; a frame may be checked repeatedly."""

    def published(self, detections: torch.Tensor) -> None:  # noqa: B027
        """Learn that ``detections`` (N x 6) of the frame that was begun were published."""
