# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The samplers by name; other packages add theirs as entry points of ``restage.samplers``."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

import numpy as np

from restage.sampling.errors import not_accepted
from restage.sampling.samplers import parts
from restage.sampling.samplers.base import Context, Doubles, Sampler
from restage.sampling.samplers.even import EvenSampler
from restage.sampling.samplers.fixed import FixedSampler
from restage.sampling.samplers.restage import RestageSampler
from restage.sampling.space import FaultSpace

Factory = Callable[[Context], Sampler]
GROUP = 'restage.samplers'
UNIFORM, TOP_BIT, RESTAGE = 'uniform', 'top-bit', 'restage'
IMPORTANT, LAYER_IMPORTANCE = 'important', 'layer-importance'

_BITS: dict[str, Callable[[FaultSpace], Doubles]] = {
    'random': parts.bits_alike,
    'linear': parts.bits_linear,
    'exponential': parts.bits_exponential,
    'gradient': parts.bits_by_gradient,
}


def _uniform(context: Context) -> Sampler:
    space = context.space
    everywhere = np.full(space.elements, 1.0 / space.elements)
    return FixedSampler(space, everywhere, parts.bits_alike(space))


def _top_bit(context: Context) -> Sampler:
    space = context.space
    elements = parts.elements_alike(space, parts.layers_alike(space))
    return FixedSampler(space, elements, parts.bits_only_top(space))


def _top_bit_up(context: Context) -> Sampler:
    space, strata = context.space, context.strata
    of = strata.of.reshape(space.elements, space.positions)[:, parts.top_bit(space)]
    up = strata.up[of] == 1
    if not up.any():
        return _top_bit(context)
    # Each layer that has such elements alike, then any of them.
    counts = np.bincount(space.layer, up, minlength=len(space.layers))
    elements = np.where(up, 1.0 / np.maximum(counts[space.layer], 1.0), 0.0)
    return FixedSampler(space, elements / elements.sum(), parts.bits_only_top(space))


def _layer_importance(context: Context) -> Sampler:
    elements = parts.elements_alike(context.space, parts.layers_by_importance(context))
    return FixedSampler(context.space, elements, parts.bits_alike(context.space))


def _isimdl(neuron: str, bit: str) -> Factory:
    def make(context: Context) -> Sampler:
        space = context.space
        layers = parts.layers_alike(space)
        if neuron == IMPORTANT:
            elements = parts.elements_by_importance(context, layers)
        else:
            elements = parts.elements_alike(space, layers)
        return FixedSampler(space, elements, _BITS[bit](space))

    return make


def is_isimdl(name: str) -> bool:
    """Return whether it is a variant of ISimDL; the one with nothing but chance is not."""
    return name.startswith('isimdl-') and name != 'isimdl-random-random'


def needs_importance(name: str) -> bool:
    """Return whether it is one of ours that is nothing without the importance of elements."""
    return name == LAYER_IMPORTANCE or name.startswith(f'isimdl-{IMPORTANT}-')


def samplers() -> dict[str, Factory]:
    """Return every sampler that is known, by name."""
    found: dict[str, Factory] = {UNIFORM: _uniform}
    for neuron in ('random', IMPORTANT):
        for bit in _BITS:
            found[f'isimdl-{neuron}-{bit}'] = _isimdl(neuron, bit)
    found |= {
        LAYER_IMPORTANCE: _layer_importance,
        'stratified': EvenSampler,
        TOP_BIT: _top_bit,
        'top-bit-up': _top_bit_up,
        RESTAGE: RestageSampler,
    }
    for entry in entry_points(group=GROUP):
        found[entry.name] = entry.load()
    return found


def sampler_named(name: str) -> Factory:
    """
    Return the factory of the sampler called ``name``.

    :raises SamplingError: when there is none.
    """
    known = samplers()
    if name not in known:
        raise not_accepted('sampler', name, known)
    return known[name]
