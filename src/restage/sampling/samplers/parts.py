# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Probabilities of layers, elements and bits that samplers are put together from."""

from __future__ import annotations

import numpy as np

from restage.sampling.samplers.base import Context, Doubles
from restage.sampling.space import FaultSpace, Integers
from restage.sampling.storage import Storage

# So often a uniform choice is made where importance would decide: every element can be drawn.
EPSILON = 0.1
_EXPONENT_BITS = {'fp32': 8, 'fp16': 5, 'bf16': 8}


def layers_alike(space: FaultSpace) -> Doubles:
    """Return the same probability for every layer that has elements."""
    counts = np.bincount(space.layer, minlength=len(space.layers))
    return np.where(counts > 0, 1.0, 0.0) / max(1, int((counts > 0).sum()))


def layers_by_importance(context: Context) -> Doubles:
    """Return probabilities by the summed importance of the elements, mixed with equal ones."""
    space = context.space
    total = np.bincount(space.layer, context.importance, minlength=len(space.layers))
    equal = layers_alike(space)
    if not total.sum() > 0.0:
        return equal
    return np.asarray(EPSILON * equal + (1.0 - EPSILON) * total / total.sum())


def elements_alike(space: FaultSpace, layers: Doubles) -> Doubles:
    """Return probabilities of elements: a layer by ``layers``, then any of its elements."""
    counts = np.bincount(space.layer, minlength=len(space.layers))
    return np.asarray(layers[space.layer] / counts[space.layer])


def elements_by_importance(context: Context, layers: Doubles) -> Doubles:
    """Return the same with, in a layer, elements by their importance; any with EPSILON."""
    space = context.space
    total = np.bincount(space.layer, context.importance, minlength=len(space.layers))
    alike = elements_alike(space, layers)
    of_layer = total[space.layer]
    share = np.divide(context.importance, of_layer, where=of_layer > 0, out=np.zeros(len(alike)))
    mixed = EPSILON * alike + (1.0 - EPSILON) * layers[space.layer] * share
    return np.asarray(np.where(of_layer > 0.0, mixed, alike))


def top_bit(space: FaultSpace) -> int:
    """Return the position whose highest bit is the top one of exponent or magnitude."""
    return max(0, space.storage.bits - 2 - (space.model.bits - 1))


def bits_alike(space: FaultSpace) -> Doubles:
    """Return the same probability for every position."""
    return np.full(space.positions, 1.0 / space.positions)


def bits_linear(space: FaultSpace) -> Doubles:
    """Return probabilities in proportion to the position, counted from 1."""
    weight = np.arange(1.0, space.positions + 1)
    return np.asarray(weight / weight.sum())


def bits_exponential(space: FaultSpace) -> Doubles:
    """Return probabilities in proportion to 2^position."""
    weight = 2.0 ** np.arange(space.positions)
    return np.asarray(weight / weight.sum())


def bits_only_top(space: FaultSpace) -> Doubles:
    """Return certainty of the top exponent bit."""
    return np.asarray(np.eye(space.positions)[top_bit(space)])


def bits_by_gradient(space: FaultSpace) -> Doubles:
    """
    Return, for each element, probabilities by the derivative of its value by each of its bits.

    The bits are taken as real numbers in the formula that decodes them: of a float,
    (1 - 2s) 2^(e - bias) (1 + m), by an exponent bit of weight 2^j that is |w| ln(2) 2^j; by a
    mantissa bit its share of the value, by the sign 2 |w|. The factor 2^(e - bias) of an element
    is common to all its bits and cancels; its mantissa 1 + m is taken from the value.
    """
    each = np.zeros((space.elements, space.storage.bits))
    assert space.raw is not None
    raw = np.atleast_2d(space.raw)[0].astype(np.int64)
    if space.storage.name == 'int8':
        each[:] = 2.0 ** np.arange(space.storage.bits)
    else:
        each[:] = _float_derivatives(space.storage, raw)
    width = space.model.bits
    summed = sum(each[:, shift : shift + space.positions] for shift in range(width))
    found = np.asarray(summed, np.float64)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _float_derivatives(storage: Storage, raw: Integers) -> Doubles:
    exponent = _EXPONENT_BITS[storage.name]
    mantissa = storage.bits - 1 - exponent
    significand = 1.0 + (raw & ((1 << mantissa) - 1)) / float(1 << mantissa)
    each = np.empty((len(raw), storage.bits))
    each[:, :mantissa] = 2.0 ** (np.arange(mantissa) - mantissa)
    each[:, mantissa:-1] = significand[:, None] * np.log(2.0) * 2.0 ** np.arange(exponent)
    each[:, -1] = 2.0 * significand
    return each
