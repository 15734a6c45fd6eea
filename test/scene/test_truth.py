# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from restage.scene.truth import TruthBuilder


def square(x, y, size):
    return np.array([[x, y], [x + size, y], [x + size, y + size], [x, y + size]], float)


def test_a_free_object_is_fully_visible():
    truth = TruthBuilder(200, 100)
    truth.add(7, 2, square(20, 20, 40), 1.0)
    (item,) = truth.objects()
    assert (item.track_id, item.class_id, item.ignore) == (7, 2, False)
    assert item.box == (20, 20, 60, 60)
    assert item.visibility == 1.0


def test_a_nearer_object_hides_a_farther_one():
    truth = TruthBuilder(200, 100)
    truth.add(1, 0, square(20, 20, 40), 1.0)
    truth.add(2, 0, square(30, 20, 40), 1.0)
    far, near = truth.objects()
    assert near.visibility == 1.0
    assert 0.2 < far.visibility < 0.3
    assert far.ignore


def test_scenery_hides_too():
    truth = TruthBuilder(200, 100)
    truth.add(1, 0, square(20, 20, 40), 1.0)
    truth.cover(square(20, 20, 100))
    assert truth.objects() == ()


def test_boxes_are_clipped_and_the_part_outside_counts_as_hidden():
    truth = TruthBuilder(200, 100)
    truth.add(1, 0, square(-30, 20, 40), 1.0)
    (item,) = truth.objects()
    assert item.box == (0, 20, 10, 60)
    assert abs(item.visibility - 0.25) < 1e-9
    assert item.ignore


def test_objects_outside_small_or_lost_in_fog():
    truth = TruthBuilder(200, 100)
    assert truth.add(1, 0, square(300, 20, 40), 1.0) == 0
    truth.add(2, 0, square(20, 20, 5), 1.0)
    truth.add(3, 0, square(60, 20, 30), 0.05)
    assert [item.ignore for item in truth.objects()] == [True, True]


def test_owner_of_a_pixel():
    truth = TruthBuilder(200, 100)
    number = truth.add(1, 0, square(20, 20, 40), 1.0)
    assert truth.owner(40, 40) == number
    assert truth.owner(150, 40) == truth.owner(-5, 400) == 0
