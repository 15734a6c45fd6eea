# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every fault that can be injected, by a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from restage.sampling.errors import SamplingError
from restage.sampling.fault_model import FaultModel
from restage.sampling.storage import Raw, Storage

Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Site:
    """
    A tensor whose elements can be hit.

    ``tensor``: a weight, or an output of stage ``stage`` (then ``shape`` is without the batch).
    ``layer``: the part of the network it belongs to. ``scale``: of the number format.
    """

    tensor: str
    layer: str
    stage: int
    shape: tuple[int, ...]
    scale: float = 1.0

    @property
    def elements(self) -> int:
        """How many elements it has."""
        return int(np.prod(self.shape))

    @property
    def channels(self) -> int:
        """How many neurons: output channels of a weight, channels of an output."""
        return self.shape[0] if self.shape else 1


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault: at ``bit`` of element ``element`` (flat, row-major) of site ``site``."""

    site: int
    element: int
    bit: int


class FaultSpace:
    """
    All faults of one model: elements of sites, each at every position in its bits.

    Fault f hits element f // positions at bit f % positions. ``site`` and ``index`` are arrays
    over the elements; ``raw`` are their bits without a fault: E of weights, S x E of the outputs of
    S pictures.
    """

    def __init__(
        self,
        target: str,
        sites: Sequence[Site],
        model: FaultModel,
        storage: Storage,
        chosen: tuple[Integers, Integers] | None = None,
    ) -> None:
        """
        Take every element, or those ``chosen``: sites and indices.

        :raises SamplingError: when there is none.
        """
        self.target = target
        self.sites = tuple(sites)
        self.model = model
        self.storage = storage
        self.positions = model.positions(storage.bits)
        if chosen is None:
            counts = [site.elements for site in sites]
            self.site = np.repeat(np.arange(len(counts)), counts)
            self.index = np.concatenate([np.arange(n) for n in counts] or [np.zeros(0, int)])
        else:
            self.site, self.index = chosen
        if not len(self.index):
            raise SamplingError(f'no {target} to inject into')
        self.layers = tuple(dict.fromkeys(site.layer for site in self.sites))
        of_site = np.array([self.layers.index(site.layer) for site in self.sites])
        self.layer: Integers = of_site[self.site]
        per = np.array([max(1, site.elements // site.channels) for site in self.sites])
        first = np.concatenate([[0], np.cumsum([site.channels for site in self.sites])[:-1]])
        self.neuron: Integers = first[self.site] + self.index // per[self.site]
        self.raw: Raw | None = None

    @property
    def elements(self) -> int:
        """How many elements can be hit."""
        return len(self.index)

    @property
    def size(self) -> int:
        """How many faults there are."""
        return self.elements * self.positions

    def fault(self, number: int) -> Fault:
        """Return fault ``number``, 0 to ``size`` - 1."""
        element, bit = divmod(int(number), self.positions)
        return Fault(site=int(self.site[element]), element=int(self.index[element]), bit=bit)

    def same(self, fault: Fault, other: FaultSpace) -> Fault:
        """Return what ``fault`` of ``other`` is here: the same bit of the tensor of that name."""
        names = [site.tensor for site in self.sites]
        return replace(fault, site=names.index(other.sites[fault.site].tensor))

    def subset(self, elements: int, seed: int) -> FaultSpace:
        """
        Return the space of about ``elements`` random elements, as many of each layer; 0: all.

        Of a layer that has fewer, all.
        """
        if not elements:
            return self
        rng = np.random.default_rng([seed, 17])
        share = -(-elements // len(self.layers))
        parts = []
        for number in range(len(self.layers)):
            own = np.flatnonzero(self.layer == number)
            parts.append(rng.choice(own, min(share, len(own)), replace=False))
        chosen = np.sort(np.concatenate(parts))
        part = FaultSpace(
            self.target,
            self.sites,
            self.model,
            self.storage,
            (self.site[chosen], self.index[chosen]),
        )
        if self.raw is not None:
            part.raw = self.raw[..., chosen]
        return part
