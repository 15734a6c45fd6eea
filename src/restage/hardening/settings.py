# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What hardening is to be."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from restage.sampling.classifier.weights import NETWORKS
from restage.sampling.errors import SamplingError, not_accepted


@dataclass(frozen=True, kw_only=True)
class HardenSettings:
    """
    ``epochs`` of training, before each ``trials`` faults; then everything is measured.

    ``critical``: so many critical faults each sampler is to find, within ``most`` trials; so many
    the variants are compared under. ``images``: held-out digits to measure on.
    """

    model: str = 'resnet'
    epochs: int = 6
    trials: int = 100
    critical: int = 25
    most: int = 6000
    rate_trials: int = 400
    threshold: float = 0.05
    images: int = 200
    seed: int = 5

    def __post_init__(self) -> None:
        """Check every field."""
        if self.model not in NETWORKS:
            raise not_accepted('model', self.model, NETWORKS)
        for name in ('epochs', 'trials', 'critical', 'most', 'rate_trials', 'images'):
            if getattr(self, name) < 1:
                raise SamplingError(f'{name} is {getattr(self, name)}; accepted: at least 1')
        if not 0.0 < self.threshold <= 1.0:
            raise SamplingError(f'threshold is {self.threshold}; accepted: above 0, at most 1')

    def as_data(self) -> dict[str, Any]:
        """Return everything in JSON's types."""
        return asdict(self)
