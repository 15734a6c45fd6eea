# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The range monitor: what is outside of clean ranges, and what clipping does."""

from __future__ import annotations

import math

import pytest
import torch

from restage.detect.calibration import Calibration, CalibrationError, load_calibration
from restage.detect.channels import by_channel, extremes
from restage.detect.detector import Finding
from restage.detect.ranges import RangeDetector
from restage.stages.model import Stage

NECK = Stage(name='neck', inputs=('x',), outputs=('p',), run=dict)


def calibration(**fields) -> Calibration:
    low = {'p': torch.tensor([-1.0, 0.0, 10.0])}
    high = {'p': torch.tensor([1.0, 0.5, 20.0])}
    return Calibration(digest='d', frames=3, source='here', low=low, high=high, **fields)


def picture(*values: float) -> torch.Tensor:
    """1 x 3 x 4 x 5 in clean ranges, but for the first value of the channels given."""
    tensor = torch.empty(1, 3, 4, 5).to(memory_format=torch.channels_last)
    for channel, clean in enumerate((0.0, 0.25, 15.0)):
        tensor[0, channel] = clean
    for channel, value in enumerate(values):
        tensor[0, channel, 2, 3] = value
    return tensor


def check(tensor: torch.Tensor, **options) -> Finding | None:
    return RangeDetector(calibration(), {'neck'}, **options).check(NECK, {}, {'p': tensor})


@pytest.mark.parametrize('shape', [(2, 3, 4, 5), (1, 9, 48, 80), (1, 64, 3, 5), (1, 1, 7, 1)])
@pytest.mark.parametrize('form', [torch.channels_last, torch.contiguous_format])
def test_channels_are_told_apart_in_any_memory_format(form, shape):
    tensor = torch.randn(shape).to(memory_format=form)
    low, high = extremes(tensor)
    assert torch.equal(low, tensor.amin(dim=(0, 2, 3)))
    assert torch.equal(high, tensor.amax(dim=(0, 2, 3)))


def test_channels_last_is_not_copied():
    tensor = picture()
    assert by_channel(tensor).data_ptr() == tensor.data_ptr()


def test_a_tensor_that_is_no_picture_is_one_channel():
    assert [one.tolist() for one in extremes(torch.tensor([3.0, -1.0]))] == [[-1.0], [3.0]]


def test_clean_values_pass():
    assert check(picture()) is None
    assert check(picture(1.0, 0.5, 20.0), margin=0.0) is None


@pytest.mark.parametrize(
    ('values', 'channel'), [((1.1,), 0), ((-1.1,), 0), ((0.0, 0.6), 1), ((0.0, 0.25, 9.0), 2)]
)
def test_a_value_out_of_the_range_of_its_own_channel_is_reported(values, channel):
    found = check(picture(*values), margin=0.0)
    assert found is not None
    assert not found.certain
    assert f"output 'p' of stage 'neck': channel {channel} from " in found.message
    assert '1 of 3 channels out of range' in found.message


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


def test_clipping_brings_back_what_is_outside_and_nothing_else():
    tensor = picture(50.0, 0.25, -50.0)
    detector = RangeDetector(calibration(), {'neck'}, margin=0.0, clip=True)
    assert detector.check(NECK, {}, {'p': tensor}) is None
    assert detector.clipped == 1
    assert torch.equal(tensor, picture(1.0, 0.25, 10.0))


def test_clipping_reaches_a_tensor_in_any_memory_format():
    tensor = picture(50.0).contiguous()
    assert check(tensor, clip=True, margin=0.0) is None
    assert tensor.max().item() == 15.0


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
    path = tmp_path / 'c.safetensors'
    calibration(plausibility={'appeared': 0.9}).save(path)
    found = load_calibration(path, 'd')
    assert (found.digest, found.frames, found.source) == ('d', 3, 'here')
    assert found.plausibility == {'appeared': 0.9}
    assert torch.equal(found.low['p'], calibration().low['p'])
    assert torch.equal(found.high['p'], calibration().high['p'])


def test_a_file_of_other_weights_is_refused(tmp_path):
    path = tmp_path / 'c.safetensors'
    calibration().save(path)
    with pytest.raises(CalibrationError, match='of a model with the digest d, and this one has e'):
        load_calibration(path, 'e')


@pytest.mark.parametrize('content', [b'', b'nonsense', b'\x08\x00\x00\x00\x00\x00\x00\x00{}      '])
def test_what_is_no_calibration_is_refused(tmp_path, content):
    path = tmp_path / 'c.safetensors'
    path.write_bytes(content)
    with pytest.raises(CalibrationError, match='accepted'):
        load_calibration(path, 'd')


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CalibrationError, match='nowhere'):
        load_calibration(tmp_path / 'nowhere', 'd')
