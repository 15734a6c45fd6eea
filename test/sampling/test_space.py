# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from restage.sampling.classifier.networks import VGG
from restage.sampling.engine import Engine
from restage.sampling.errors import SamplingError
from restage.sampling.severity import CLASSES, stratify

from .tiny import random_classifier, two_layers


def test_every_bit_of_every_weight_is_a_fault_once() -> None:
    space = Engine(two_layers()).space
    assert space.size == 43 * 32
    found = {(f.site, f.element, f.bit) for f in map(space.fault, range(space.size))}
    assert len(found) == space.size
    assert space.layers == ('0', '2')
    # Rows of a weight and elements of a bias are the neurons: 5 + 5 + 3 + 3.
    assert len(np.unique(space.neuron)) == 16


def test_a_part_has_as_many_elements_of_each_layer_and_the_bits_of_the_whole() -> None:
    space = Engine(random_classifier(VGG)).space
    part = space.subset(120, seed=4)
    assert np.bincount(part.layer).tolist() == [20] * 6
    whole = {(s, i): r for s, i, r in zip(space.site, space.index, space.raw, strict=True)}
    assert all(whole[s, i] == r for s, i, r in zip(part.site, part.index, part.raw, strict=True))
    again = space.subset(120, seed=4)
    assert np.array_equal(part.index, again.index)
    assert not np.array_equal(part.index, space.subset(120, seed=5).index)


def test_the_strata_are_a_partition_by_what_a_fault_does() -> None:
    space = Engine(two_layers()).space
    strata = stratify(space)
    assert np.array_equal(np.bincount(strata.of), strata.sizes)
    assert strata.sizes.sum() == space.size
    bits = np.arange(space.size) % 32
    assert np.array_equal(strata.bit[strata.of], bits)
    values = space.storage.decode(space.raw, 1.0)
    top = strata.of[bits == 30]
    assert (strata.severity[top] >= CLASSES - 2)[np.abs(values) < 1].all()
    # Without its sign, a value goes the other way.
    assert np.array_equal(strata.up[strata.of[bits == 31]] == 1, values < 0)


def test_a_target_that_is_none_is_refused() -> None:
    with pytest.raises(SamplingError, match="target 'biases'; accepted: weights, neurons"):
        Engine(two_layers(), 'biases')
