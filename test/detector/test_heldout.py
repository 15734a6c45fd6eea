# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from restage.detector.heldout import HELD_OUT_SEEDS
from restage.detector.samples import TRAINING_SEEDS


def test_held_out_seeds_are_never_trained_on():
    assert HELD_OUT_SEEDS + 10_000 < TRAINING_SEEDS
