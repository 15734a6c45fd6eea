# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a campaign is to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from restage.coverage.frames import ROAD
from restage.sampling.classifier.weights import NETWORKS
from restage.sampling.errors import SamplingError
from restage.sampling.fault_model import FaultModel
from restage.sampling.samplers.registry import RESTAGE, sampler_named, samplers
from restage.sampling.sites import check_target
from restage.sampling.storage import Storage

# What the outcome of a fault depends on; the rest only decides which faults are looked at.
OF_OUTCOMES = (
    'model', 'sources', 'target', 'fault', 'bits', 'number_format', 'images', 'elements', 'seed',
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SampleSettings:
    """
    ``budget`` faults by each of ``samplers``, ``runs`` times with other random numbers.

    ``elements``: the population is every fault in so many random elements, as many of each layer,
    and all of them are run (the exhaustive ground truth); 0: it is every fault of the model, and
    the ground truth are ``truth`` uniform draws. ``threshold``: from which relative loss of quality
    on a fault is critical. ``stop``: half width of the interval at which a run ends early; 0: none
    does. ``images``: of the held-out set, or frames of ``sources``; 0: as many as are usual.

    :raises SamplingError: for anything that cannot be done.
    """

    model: str = 'resnet'
    sources: Sequence[str] = (ROAD,)
    target: str = 'weights'
    fault: str = 'flip'
    bits: int = 1
    number_format: str = 'fp32'
    images: int = 0
    elements: int = 1024
    truth: int = 4000
    threshold: float = 0.25
    samplers: Sequence[str] = ()
    budget: int = 300
    runs: int = 20
    stop: float = 0.0
    seed: int = 7
    workers: int = 1

    def __post_init__(self) -> None:
        """Check every field; no samplers: all of them."""
        for name in ('budget', 'runs', 'workers', 'truth'):
            if getattr(self, name) < 1:
                raise SamplingError(f'{name} is {getattr(self, name)}; accepted: at least 1')
        for name in ('images', 'elements', 'seed', 'stop'):
            if getattr(self, name) < 0:
                raise SamplingError(f'{name} is {getattr(self, name)}; accepted: at least 0')
        if not self.sources:
            raise SamplingError('no sources; accepted: at least one')
        if not 0.0 < self.threshold <= 1.0:
            raise SamplingError(f'threshold is {self.threshold}; accepted: above 0, at most 1')
        check_target(self.target)
        FaultModel(kind=self.fault, bits=self.bits)
        Storage(self.number_format)
        for name in self.samplers:
            sampler_named(name)
        if not self.samplers:
            object.__setattr__(self, 'samplers', tuple(samplers()))

    def as_data(self) -> dict[str, Any]:
        """Return everything in JSON's types."""
        return {
            **asdict(self),
            'sources': list(self.sources),
            'samplers': list(self.samplers),
        }

    def of_outcomes(self) -> dict[str, Any]:
        """Return what the outcome of a fault by its number depends on."""
        data = self.as_data()
        return {name: data[name] for name in OF_OUTCOMES}


def quick(settings: SampleSettings) -> dict[str, Any]:
    """Return the fields to replace for a campaign of a minute."""
    if settings.model.partition('=')[0] in NETWORKS:
        size = {'images': settings.images or 40, 'elements': 160, 'runs': 5}
    else:
        size = {'images': settings.images or 7, 'elements': 0, 'truth': 300, 'runs': 2}
    return {
        **size,
        'budget': 100,
        'samplers': tuple(
            name
            for name in settings.samplers
            if name in ('uniform', 'isimdl-important-gradient', 'top-bit', RESTAGE)
        ),
    }
