# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import math

import numpy as np
import pytest

from restage.detector.evaluate import (
    Truth,
    average_precision,
    match_frame,
    mean_average_precision,
    overlaps,
)


def truth(boxes, classes=None, ignore=None):
    count = len(boxes)
    return Truth(
        boxes=np.array(boxes, float).reshape(-1, 4),
        classes=np.array(classes or [0] * count, np.int64),
        ignore=np.array(ignore or [False] * count, bool),
    )


def test_overlap():
    others = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], float)
    assert np.allclose(overlaps(np.array([0, 0, 10, 10.0]), others), [1, 1 / 3, 0])


def test_average_precision_by_hand():
    # hits in score order: 1 0 1, three objects: precision 1, 1/2, 2/3 at recall 1/3, 1/3, 2/3
    value = average_precision(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), 3)
    assert value == pytest.approx(1 / 3 * 1 + 1 / 3 * 2 / 3)


def test_the_envelope_lifts_earlier_precision():
    # hits 0 1 1, two objects: precision 0, 1/2, 2/3; the envelope is 2/3 over all recall
    value = average_precision(np.array([0.9, 0.8, 0.7]), np.array([False, True, True]), 2)
    assert value == pytest.approx(2 / 3)


def test_order_of_detections_does_not_matter():
    scores, hits = np.array([0.7, 0.9, 0.8]), np.array([True, True, False])
    expected = average_precision(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), 3)
    assert average_precision(scores, hits, 3) == pytest.approx(expected)


def test_edges():
    nothing = np.zeros(0)
    assert average_precision(nothing, nothing.astype(bool), 4) == 0.0
    assert math.isnan(average_precision(nothing, nothing.astype(bool), 0))


def test_an_object_is_found_once():
    found = np.array([[0, 0, 10, 10, 0.6, 0], [0, 0, 10, 9, 0.9, 0]], float)
    scores, hits = match_frame(found, truth([[0, 0, 10, 10]]), 0)
    assert scores.tolist() == [0.9, 0.6]
    assert hits.tolist() == [True, False]


def test_ignored_objects_neither_count_nor_penalise():
    found = np.array([[0, 0, 10, 10, 0.9, 0], [50, 50, 60, 60, 0.8, 0]], float)
    facts = truth([[0, 0, 10, 10], [50, 50, 60, 60]], ignore=[True, False])
    scores, hits = match_frame(found, facts, 0)
    assert (scores.tolist(), hits.tolist()) == ([0.8], [True])
    assert mean_average_precision([found], [facts], 1)[0] == 1.0


def test_mean_over_the_classes_that_occur():
    found = np.array([[0, 0, 10, 10, 0.9, 0], [50, 50, 60, 60, 0.8, 1]], float)
    facts = truth([[0, 0, 10, 10], [80, 80, 90, 90]], classes=[0, 1])
    mean, each = mean_average_precision([found], [facts], 3)
    assert each[:2] == [1.0, 0.0]
    assert math.isnan(each[2])
    assert mean == 0.5


def test_lengths_must_agree():
    with pytest.raises(ValueError, match='1 frames of detections, 0'):
        mean_average_precision([np.zeros((0, 6))], [], 1)
