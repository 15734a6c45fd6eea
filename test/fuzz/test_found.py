# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What fuzzing found: each of these once raised something else than the documented error."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import cv2
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from restage_msgs.msg import FaultCommand, RecoveryEvent
from vision_msgs.msg import (
    Detection2D,
    Detection2DArray,
    ObjectHypothesis,
    ObjectHypothesisWithPose,
)

from restage.recording.errors import RecordingError
from restage.yaml_file import YamlError, read_yaml

from .files import ABOUT
from .recordings import messages, start_note
from .targets import TARGETS

# Places of two types in messages.HEARD, and how plain CDR begins.
INFO, DETECTIONS = 1, 2
CDR = b'\0\1\0\0'

_BOMB = b'[&a [x,x,x,x,x,x,x,x], ' + b', '.join(
    f'&{new} [{",".join([f"*{old}"] * 8)}]'.encode()
    for old, new in zip('abcdef', 'bcdefg', strict=True)
)
YAML = [
    b'!!int ""',
    b'!!timestamp "x"',
    b'[' * 500,
    b'{' * 500,
    b'schema: 1' + b'0' * 5000,
    b'schema: 0x' + b'f' * 5000,
    b'schema: ' + _BOMB + b']',
    b'schema: &a [*a]',
    b'schema: 1\nname: ' + b'n' * 600_000,
]


@pytest.mark.parametrize('name', ['scenario', 'plan', 'description'])
@pytest.mark.parametrize('data', YAML, ids=range(len(YAML)))
def test_yaml(name, data, tmp_path) -> None:
    assert not TARGETS[name](data, tmp_path)


JOURNAL = json.dumps(ABOUT).encode() + b'\n'
OUTCOME = b'{"fault": 1, "figures": {"loss": 0.5}, "seconds": 1}\n'
TRACE = (
    b'{"schema": 1}\n{"kind": "nn.neuron.bit_flip", "detail": "", "when": "after", '
    b'"persistence": "transient", %s}\n'
)
PNG = bytes(cv2.imencode('.png', np.zeros((9, 7, 3), np.uint8))[1])
CALIBRATION = '{"schema": 1, "digest": "ab", "frames": %s, "source": "", "ranges": {}, '


@pytest.mark.parametrize(
    ('name', 'data'),
    [
        ('trace', b'[' * 100_000),
        ('trace', b'9' * 5000),
        ('trace', TRACE % b'"parameters": "a"'),
        ('trace', TRACE % b'"parameters": {"bit": 1, "x": 1}'),
        ('trace', TRACE % b'"kind": []'),
        ('trace', TRACE % b'"at_s": 1e999'),
        ('calibration', b'[' * 100_000),
        ('calibration', (CALIBRATION % '1e999' + '"plausibility": {}}').encode()),
        # A limit that nothing is above: the detector would be off without a word.
        ('calibration', (CALIBRATION % '1' + '"plausibility": {"a": NaN}}').encode()),
        ('coverage_journal', JOURNAL + b'[' * 100_000 + b'\n'),
        ('coverage_journal', JOURNAL + b'{"sequence": "a", "entries": [[]]}\n'),
        ('coverage_journal', JOURNAL + b'{"sequence": "a", "entries": [{"what": "frame", '
         b'"sequence": 5, "frame": 1}]}\n'),
        ('sample_journal', JOURNAL + b'{"fault": 1e999, "figures": {}, "seconds": 1}\n'),
        ('sample_journal', JOURNAL + OUTCOME + OUTCOME.replace(b'loss', b'lost')),
        ('study_journal', JOURNAL + b'{"impossible": "abc"}\n'),
        ('study_journal', JOURNAL + b'{"trial": {"framework": 1}}\n'),
        ('bench_results', b'[]'),
        ('bench_results', b'{"arms": {"stage_resume": 3}}'),
        ('bench_results', b'{"arms": {"stage_resume": {"nan": {"n": "a"}}}}'),
        ('run_description', b'[' * 100_000),
        ('run_description', b'1' * 5000),
        ('classifier', b'{}'),
        ('dashboard_headers', b'127.0.0.1\n\nBearer \xff'),
        ('dashboard_socket', b'[' * 100_000),
        # A chunk of 1.3 GB, for which OpenCV takes memory.
        ('picture', PNG[:33] + b'\x4e\x20\0\0' + PNG[37:]),
        ('control', b'\1'),
        ('cdr', b'\1\0\1'),
        ('cdr', bytes([INFO]) + CDR + struct.pack('<iI', 1, 2**31)),
    ],
)  # fmt: skip
def test_it_is_refused(name, data, tmp_path) -> None:
    assert not TARGETS[name](data, tmp_path)


@pytest.mark.parametrize(
    ('name', 'data'),
    [
        ('run_description', b'{"model": "\\u0000", "scenario": "\\u0000"}'),
        ('run_description', b'{"model": "~nobody-of-that-name/x"}'),
        ('study_events', b'[' * 100_000 + b'\n{"event": "first", "t": 1}\n'),
        ('study_events', b'{"event": "first", "t": 1, "shapes": [[-1, "a"]]}\n'),
        ('study_events', b'{"event": "first", "t": 1, "error": "E"}\n'),
    ],
)
def test_it_is_passed_over(name, data, tmp_path) -> None:
    assert TARGETS[name](data, tmp_path)


@pytest.mark.parametrize(
    ('change', 'why'),
    [
        ({'run': {'seed': []}}, 'the recorded seed is'),
        ({'run': {'scenario_text': '!!int ""'}}, 'the recorded scenario not YAML'),
        ({'run': {'scenario_text': 'a: &a [*a]'}}, 'the recorded scenario is nested deeper'),
        ({'monotonic_ns': 10**30}, "'monotonic_ns' is 1000"),
        ({'cpu_s': math.inf}, "'cpu_s' is inf"),
        ({'dropped': {'/a': []}}, "'dropped' is"),
    ],
)
def test_notes_of_a_recording_are_looked_at(change, why, tmp_path) -> None:
    note = json.dumps({**start_note(), **change}).encode()
    with pytest.raises(RecordingError, match=why):
        TARGETS['recorded_note'].read(note, tmp_path)


def replaced(message: Any) -> bytes:
    """Return the input in which ``message`` takes the place of the first of its type."""
    types = [msgtype.rpartition('/')[2] for _, msgtype, _, _ in messages()]
    return bytes([types.index(type(message).__name__)]) + serialize_message(message)


def test_a_damaged_command_in_a_recording_is_one_clear_error(tmp_path) -> None:
    with pytest.raises(RecordingError, match="a message on '/fault_commands' is damaged"):
        TARGETS['recorded_message'].read(b'\0\0\1', tmp_path)


@pytest.mark.parametrize('names', [('car',), (), ('9' * 400,)])
def test_other_detectors_may_tell_classes_by_name_or_not_at_all(names, tmp_path) -> None:
    found = Detection2D(
        results=[
            ObjectHypothesisWithPose(hypothesis=ObjectHypothesis(class_id=name)) for name in names
        ]
    )
    found.bbox.size_x = 1e300
    assert TARGETS['recorded_message'](replaced(Detection2DArray(detections=[found])), tmp_path)


def test_what_an_error_says_is_no_markup(tmp_path) -> None:
    event = RecoveryEvent(tier='[/]', stage='[/x]', error='of shape [/1, 3]')
    assert TARGETS['recorded_message'](replaced(event), tmp_path)


def test_a_fault_of_an_unknown_kind_may_have_fired(tmp_path) -> None:
    command = FaultCommand(id='one/1', kind='no.such', action=FaultCommand.INJECT)
    assert TARGETS['recorded_message'](replaced(command), tmp_path)


def test_what_is_drawn_and_told_to_a_browser_is_finite(tmp_path) -> None:
    found = Detection2D()
    found.bbox.center.position.x = math.nan
    raw = serialize_message(Detection2DArray(detections=[found]))
    assert TARGETS['cdr'](bytes([DETECTIONS]) + raw, tmp_path)


@pytest.mark.parametrize(
    ('data', 'why'),
    [
        (b'a: ' + _BOMB + b']', 'stands for more than 100000 entries'),
        (b'a: &a [*a]', 'nested deeper than 64'),
        (b'a: 0x' + b'f' * 100, 'an integer of 400 bits; accepted: 64'),
        (b'a: ' + b'n' * 20_000, 'a text of 20000 characters'),
        (b'a: ' + b'n' * 2**20, 'larger than 1048576 bytes'),
    ],
)
def test_what_is_too_much_is_said(data, why, tmp_path) -> None:
    path = tmp_path / 'a.yaml'
    path.write_bytes(data)
    with pytest.raises(YamlError, match=why):
        read_yaml(path)
