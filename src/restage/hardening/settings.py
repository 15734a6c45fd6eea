# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What hardening is to be."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from restage.detector.heldout import FRAMES
from restage.sampling.classifier.weights import NETWORKS
from restage.sampling.errors import SamplingError, not_accepted
from restage.stages.loading import BUNDLED


@dataclass(frozen=True, kw_only=True)
class HardenSettings:
    """
    ``epochs`` of training, before each ``trials`` faults; then everything is measured.

    ``critical``: so many critical faults each sampler is to find, within ``most`` trials; so many
    the variants are compared under. ``images``: held-out digits (200 when 0) or frames (14) to
    measure under faults on. ``elements``: of the weights, that are searched; 0: all. Of the
    detector only: ``frames`` are rendered to train on; its mAP without faults is that of so many
    ``held_out`` frames of each held-out scene.
    """

    model: str = 'resnet'
    epochs: int = 6
    trials: int = 100
    critical: int = 25
    most: int = 6000
    rate_trials: int = 400
    threshold: float = 0.05
    images: int = 0
    elements: int = 0
    frames: int = 1600
    held_out: int = FRAMES
    seed: int = 5

    def __post_init__(self) -> None:
        """Check every field."""
        if self.model not in (*NETWORKS, BUNDLED):
            raise not_accepted('model', self.model, (*NETWORKS, BUNDLED))
        for name in ('images', 'elements'):
            if getattr(self, name) < 0:
                raise SamplingError(f'{name} is {getattr(self, name)}; accepted: at least 0')
        for name in ('epochs', 'trials', 'critical', 'most', 'rate_trials', 'frames', 'held_out'):
            if getattr(self, name) < 1:
                raise SamplingError(f'{name} is {getattr(self, name)}; accepted: at least 1')
        if not 0.0 < self.threshold <= 1.0:
            raise SamplingError(f'threshold is {self.threshold}; accepted: above 0, at most 1')

    def as_data(self) -> dict[str, Any]:
        """Return everything in JSON's types."""
        return asdict(self)
