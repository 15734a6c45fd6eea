# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from restage.detector.evaluate import mean_average_precision
from restage.detector.heldout import HELD_OUT_SEEDS, detect, held_out_frames, operating_point
from restage.detector.samples import TRAINING_SEEDS
from restage.detector.staged import staged
from restage.detector.weights import load_network
from restage.scene import CLASSES


def test_held_out_seeds_are_never_trained_on():
    assert HELD_OUT_SEEDS + 10_000 < TRAINING_SEEDS


def test_the_bundled_detector_finds_objects_in_every_weather():
    model = staged(load_network(), 0.02)
    found, facts = [], []
    for _, image, truth in held_out_frames(scenes=2, frames=4):
        found.append(detect(model, image))
        facts.append(truth)
    mean, _ = mean_average_precision(found, facts, len(CLASSES))
    assert mean > 0.7
    threshold, precision, recall = operating_point(found, facts)
    assert 0.1 <= threshold < 0.75
    assert min(precision, recall) > 0.6
    assert all(np.isfinite(rows).all() for rows in found)
