# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The range monitor: what is outside of clean ranges, and what clipping does."""

from __future__ import annotations

import math

import pytest
import torch

from restage.detect.calibration import Calibration, CalibrationError, load_calibration
from restage.detect.detector import Finding
from restage.detect.ranges import RangeDetector
from restage.stages.model import Stage

GOOD = (
    '{"schema": 1, "digest": "d", "frames": 1, "source": "s", '
    '"ranges": {"p": [0, 1]}, "plausibility": {}}'
)
NECK = Stage(name='neck', inputs=('x',), outputs=('p',), run=dict)


def calibration(**fields) -> Calibration:
    return Calibration(digest='d', frames=3, source='here', ranges={'p': (-1.0, 1.0)}, **fields)


def picture(value: float = 0.25) -> torch.Tensor:
    """1 x 3 x 4 x 5 in the clean range, but for one value."""
    tensor = torch.full((1, 3, 4, 5), 0.25).to(memory_format=torch.channels_last)
    tensor[0, 1, 2, 3] = value
    return tensor


def check(tensor: torch.Tensor, **options) -> Finding | None:
    return RangeDetector(calibration(), {'neck'}, **options).check(NECK, {}, {'p': tensor})


def test_clean_values_pass():
    assert check(picture()) is None
    assert check(picture(1.0), margin=0.0) is None
    assert check(picture(-1.0), margin=0.0) is None


@pytest.mark.parametrize('value', [1.1, -1.1, 3e38])
def test_a_value_out_of_the_range_is_reported(value):
    found = check(picture(value), margin=0.0)
    assert found is not None
    assert not found.certain
    assert found.message.startswith("output 'p' of stage 'neck': ")
    assert 'accepted -1 to 1; 1 of 60 values are out of range' in found.message
    assert f'{picture(value).flatten()[33].item():.9g}' in found.message


def test_the_margin_is_a_share_of_the_width_at_both_ends():
    assert check(picture(1.9), margin=0.5) is None
    assert check(picture(-1.9), margin=0.5) is None
    assert check(picture(2.1), margin=0.5) is not None


@pytest.mark.parametrize('value', [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize('clip', [False, True])
def test_what_is_not_finite_is_certain_and_reported_as_such(value, clip):
    found = check(picture(value), clip=clip)
    assert found == Finding(
        "output 'p' of stage 'neck' is not finite: "
        f'{int(math.isnan(value))} NaN and {int(math.isinf(value))} infinite of 60 elements',
        detector='finite',
    )


@pytest.mark.parametrize('form', [torch.channels_last, torch.contiguous_format])
def test_clipping_brings_back_what_is_outside_and_nothing_else(form):
    tensor = picture(50.0).to(memory_format=form)
    detector = RangeDetector(calibration(), {'neck'}, margin=0.0, clip=True)
    assert detector.check(NECK, {}, {'p': tensor}) is None
    assert detector.clipped == 1
    assert torch.equal(tensor, picture(1.0))


def test_other_stages_and_unknown_outputs_are_left_alone():
    detector = RangeDetector(calibration(), {'head'})
    assert detector.check(NECK, {}, {'p': picture(1e9)}) is None
    detector = RangeDetector(calibration(), {'neck'})
    assert detector.check(NECK, {}, {'q': picture(1e9), 'r': torch.zeros(0)}) is None


def test_the_same_values_give_the_same_words_and_others_do_not():
    one, again, other = (check(picture(value)) for value in (9.0, 9.0, 9.0000010))
    assert one == again
    assert one != other


def test_a_file_keeps_all_of_it(tmp_path):
    path = tmp_path / 'c.json'
    calibration(plausibility={'appeared': 0.9}).save(path)
    found = load_calibration(path, 'd')
    assert (found.digest, found.frames, found.source) == ('d', 3, 'here')
    assert found.plausibility == {'appeared': 0.9}
    assert found.ranges == {'p': (-1.0, 1.0)}


def test_a_file_of_other_weights_is_refused(tmp_path):
    path = tmp_path / 'c.json'
    calibration().save(path)
    with pytest.raises(CalibrationError, match='of a model with the digest d, and this one has e'):
        load_calibration(path, 'e')


@pytest.mark.parametrize(
    ('content', 'why'),
    [
        ('', 'Expecting value'),
        ('[]', "'schema': 1"),
        ('{"schema": 2}', "'schema': 1"),
        ('{"schema": 1, "digest": "d"}', "'frames' is missing"),
        (GOOD.replace('[0, 1]', '[1, 0]'), "range of 'p' from 1.0 to 0.0"),
        (GOOD.replace('[0, 1]', '[0, NaN]'), "range of 'p' from 0.0 to nan"),
        (GOOD.replace('[0, 1]', '[0]'), 'not enough values'),
        (GOOD.replace('{"p": [0, 1]}', '7'), "'int'"),
        (GOOD.replace('{}', '{"appeared": "much"}'), 'much'),
    ],
)
def test_what_is_no_calibration_is_refused(tmp_path, content, why):
    path = tmp_path / 'c.json'
    path.write_text(content)
    with pytest.raises(CalibrationError, match='accepted') as caught:
        load_calibration(path, 'd')
    assert why in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / 'c.json'
    path.write_bytes(bytes(range(128, 256)))
    with pytest.raises(CalibrationError, match='accepted'):
        load_calibration(path, 'd')


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CalibrationError, match='nowhere'):
        load_calibration(tmp_path / 'nowhere', 'd')
