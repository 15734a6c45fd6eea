# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Detections that cannot be, and objects that come and go as none does."""

from __future__ import annotations

import math

import pytest
import torch

from restage.cameras import Cameras
from restage.detect.detector import Finding
from restage.detect.geometry import impossible
from restage.detect.plausibility import PlausibilityDetector
from restage.detect.tracks import ESTABLISHED, MEMORY_NS, Tracks
from restage.detect.unusual import limits_of, nearest

PERIOD = 33_333_333
LIMITS = {'support_1': 0.6, 'appeared': 0.8, 'vanished': 0.8, 'jumped': 0.5}
CAR = [100.0, 100.0, 200.0, 160.0, 0.95, 0.0]
SIZE = (640.0, 384.0)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({0: math.nan}, 'is not finite'),
        ({4: math.inf}, 'is not finite'),
        ({2: 50.0}, 'has a box without area'),
        ({0: -1.0}, 'is not in the picture'),
        ({3: 400.0}, 'is not in the picture'),
        ({4: 1.2}, 'has the score 1.2'),
        ({4: -0.1}, 'has the score -0.1'),
        ({5: 1.0}, 'has the class 1 of 1'),
        ({5: -1.0}, 'has the class -1 of 1'),
        ({5: 0.5}, 'has the class 0.5 of 1'),
    ],
)
def test_what_no_decoder_puts_out_is_impossible(change, message):
    row = [change.get(place, value) for place, value in enumerate(CAR)]
    found = impossible([row], 1, *SIZE)
    assert found is not None
    assert found.startswith(f'detection 0 of 1 {message}')


def test_scores_descend():
    low = [*CAR[:4], 0.5, 0.0]
    assert impossible([CAR, low], 1, *SIZE) is None
    assert impossible([low, CAR], 1, *SIZE) == (
        'detection 1 of 2 has the score 0.95 after one of 0.5'
    )


def test_the_whole_picture_and_a_point_are_possible():
    assert (
        impossible([[0.0, 0.0, *SIZE, 1.0, 0.0], [5.0, 5.0, 5.0, 5.0, 0.0, 0.0]], 1, *SIZE) is None
    )
    assert impossible([], 1, *SIZE) is None


class Road:
    """A detector that is shown frame after frame."""

    def __init__(self, tiny_model) -> None:
        self.model = tiny_model
        self.detector = PlausibilityDetector(tiny_model, LIMITS)
        self.stamp = 0

    def check(self, *rows: list[float]) -> Finding | None:
        outputs = {'detections': torch.tensor(rows).reshape(-1, 6)}
        return self.detector.check(self.model.stages[-1], {}, outputs)

    def show(self, *rows: list[float], after: int = PERIOD) -> Finding | None:
        self.stamp += after
        self.detector.begin(self.stamp)
        found = self.check(*rows)
        self.detector.published(torch.tensor(rows).reshape(-1, 6))
        return found


@pytest.fixture
def road(tiny_model) -> Road:
    road = Road(tiny_model)
    for _ in range(ESTABLISHED + 1):
        assert road.show(CAR) is None
    return road


def test_an_object_that_stays_is_plausible(road):
    assert road.show([110.0, 102.0, 212.0, 163.0, 0.9, 0.0]) is None


@pytest.mark.parametrize(('score', 'seen'), [(0.9, True), (0.79, False), (0.6, False)])
def test_a_confident_object_out_of_nothing_is_not(road, score, seen):
    ghost = [300.0, 100.0, 360.0, 160.0, score, 0.0]
    found = road.show(CAR, ghost)
    assert (found is not None) is seen
    if found is not None:
        assert not found.certain
        assert 'appeared' in found.message


def test_an_established_object_that_is_gone_is_not(road):
    found = road.show()
    assert found is not None
    assert 'vanished' in found.message


def test_one_that_has_just_come_or_fades_may_go(tiny_model):
    road = Road(tiny_model)
    road.show(CAR)
    road.show(CAR)
    assert road.show() is None
    for score in (0.95, 0.9, 0.7, 0.5, 0.45, 0.41, 0.41):
        road.show([*CAR[:4], score, 0.0])
    assert road.show() is None


def test_a_box_that_jumps_is_not(road):
    found = road.show([150.0, 100.0, 250.0, 160.0, 0.95, 0.0])
    assert found is not None
    assert 'jumped' in found.message


def test_after_a_gap_nothing_is_expected(road):
    assert road.show(after=MEMORY_NS + 1) is None


def test_a_frame_may_be_checked_again_and_is_learned_once_it_is_published(road):
    road.stamp += PERIOD
    road.detector.begin(road.stamp)
    messages = {str(road.check()) for _ in range(3)}
    assert len(messages) == 1
    assert road.check(CAR) is None


def test_what_is_impossible_is_certain(road):
    found = road.check([*CAR[:4], 2.0, 0.0])
    assert found == Finding('detection 0 of 1 has the score 2')


def test_other_stages_are_left_alone(tiny_model):
    detector = PlausibilityDetector(tiny_model, LIMITS)
    assert detector.check(tiny_model.stages[0], {}, {'x': torch.full((2, 6), math.nan)}) is None


def test_the_picture_bounds_the_boxes_where_the_stage_knows_it(tiny_model):
    detector = PlausibilityDetector(tiny_model, {})
    outputs = {'detections': torch.tensor([[0.0, 0.0, 650.0, 10.0, 0.5, 0.0]])}
    inputs = {'geometry': torch.tensor([1.0, 640.0, 384.0])}
    assert detector.check(tiny_model.stages[-1], {}, outputs) is None
    found = detector.check(tiny_model.stages[-1], inputs, outputs)
    assert found is not None
    assert found.certain


def test_limits_lie_between_what_was_seen_and_one():
    assert limits_of({'appeared': 0.8, 'jumped': 1.0}, 0.25) == pytest.approx(
        {'appeared': 0.85, 'jumped': 1.0}
    )


def test_of_no_frame_no_event_is_known():
    assert Tracks().unusual([], 5) == {}


def test_the_nearest_of_the_others_is_the_one_it_overlaps_most():
    rows = [CAR, [150.0, 100.0, 250.0, 160.0, 0.9, 0.0], [0.0, 0.0, 5.0, 5.0, 0.9, 0.0]]
    others = [[140.0, 100.0, 240.0, 160.0, 0.9, 0.0], CAR]
    highest, which, of_others = nearest(rows, others)
    assert highest == pytest.approx([1.0, 90 / 110, 0.0])
    assert which == [1, 0, -1]
    assert of_others == pytest.approx([90 / 110, 1.0])


def test_a_box_without_area_overlaps_nothing():
    point = [110.0, 110.0, 110.0, 110.0, 0.9, 0.0]
    assert nearest([point], [point, CAR]) == ([0.0], [-1], [0.0, 0.0])


@pytest.mark.parametrize(
    ('support', 'score', 'seen'),
    [(1, 0.7, True), (1, 0.59, False), (2, 0.99, False), (9, 1.0, False)],
)
def test_a_high_score_that_one_location_alone_gives_is_not(tiny_model, support, score, seen):
    detector = PlausibilityDetector(tiny_model, LIMITS)
    outputs = {
        'detections': torch.tensor([[*CAR[:4], score, 0.0]]),
        'support': torch.tensor([support]),
    }
    found = detector.check(tiny_model.stages[-1], {}, outputs)
    assert (found is not None) is seen
    if found is not None:
        assert not found.certain
        assert 'support_1' in found.message


def test_detections_without_their_support_are_impossible(tiny_model):
    detector = PlausibilityDetector(tiny_model, LIMITS)
    outputs = {'detections': torch.tensor([CAR, CAR]), 'support': torch.tensor([3])}
    found = detector.check(tiny_model.stages[-1], {}, outputs)
    assert found == Finding('2 detections, and the support of 1')


@pytest.mark.parametrize('value', [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_reported_as_by_the_finite_check(road, value):
    found = road.check([*CAR[:4], value, 0.0])
    assert found is not None
    assert (found.certain, found.detector) == (True, 'finite')


class Crossing(Road):
    """Two cameras, whose images have the same stamps."""

    def __init__(self, tiny_model) -> None:
        super().__init__(tiny_model)
        self.cameras = Cameras(('front', 'rear'))
        self.detector = PlausibilityDetector(tiny_model, LIMITS, self.cameras)
        self.clock = 0

    def pair(self, front: list[list[float]], rear: list[list[float]]) -> list[Finding | None]:
        """Show an image of each; return what is found in them."""
        self.clock += PERIOD
        found = []
        for camera, rows in enumerate((front, rear)):
            self.stamp = self.cameras.key(self.clock, camera)
            found.append(self.show(*rows, after=0))
        return found


def test_a_frame_is_compared_with_those_of_its_own_camera(tiny_model):
    crossing = Crossing(tiny_model)
    for _ in range(ESTABLISHED + 1):
        assert crossing.pair([CAR], []) == [None, None]
    # Where the other camera has one, it is a ghost all the same.
    front, rear = crossing.pair([CAR], [CAR])
    assert front is None
    assert rear is not None
    assert 'appeared' in rear.message
    front, rear = crossing.pair([], [CAR])
    assert front is not None
    assert 'vanished' in front.message
    assert rear is None
