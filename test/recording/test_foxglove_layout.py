# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""config/foxglove_layout.json names topics and fields that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from restage.recording.definitions import typestore

LAYOUT = json.loads(
    (Path(__file__).parents[2] / 'config' / 'foxglove_layout.json').read_text(encoding='utf-8')
)
TOPICS = {
    '/image_raw/compressed': 'sensor_msgs/msg/CompressedImage',
    '/camera_info': 'sensor_msgs/msg/CameraInfo',
    '/detections': 'vision_msgs/msg/Detection2DArray',
    '/fault_events': 'restage_msgs/msg/FaultEvent',
    '/recovery_events': 'restage_msgs/msg/RecoveryEvent',
    '/stage_status': 'restage_msgs/msg/StageStatus',
    '/heartbeat': 'restage_msgs/msg/Heartbeat',
    '/diagnostics': 'diagnostic_msgs/msg/DiagnosticArray',
}
SCRIPTS = {name: node['sourceCode'] for name, node in LAYOUT['userNodes'].items()}
OUTPUTS = {re.search(r'output = "(.*)"', code)[1]: code for code in SCRIPTS.values()}
# What Foxglove and Lichtblick both read: a field, of messages that a field selects. The functions
# with an argument (`.@div(1000)`) are Foxglove's alone.
PATH = re.compile(r'(?P<topic>[\w/]+)(\{(?P<chosen>\w+)==(\d+|"\w+")\})?(?P<names>(\.\w+)*)')


def values(node: object) -> list[str]:
    if isinstance(node, dict):
        return [text for item in node.items() for part in item for text in values(part)]
    if isinstance(node, list):
        return [text for part in node for text in values(part)]
    return [node] if isinstance(node, str) else []


PATHS = sorted({text for text in values(LAYOUT['configById']) if text.startswith('/')})


def fields(msgtype: str) -> dict[str, object]:
    return dict(typestore().fielddefs[msgtype][1])


def check(msgtype: str, path: list[str]) -> None:
    """Follow a path of field names through the definitions."""
    for name in path:
        kind = fields(msgtype)[name]
        while isinstance(kind[1], tuple):
            kind = kind[1][0] if isinstance(kind[1][0], tuple) else kind[1]
            if isinstance(kind[0], str):
                break
        msgtype = str(kind[1] if isinstance(kind[1], str) else kind[0])


@pytest.mark.parametrize('path', PATHS)
def test_a_path_exists(path: str) -> None:
    found = PATH.fullmatch(path)
    assert found
    topic, chosen, names = found['topic'], found['chosen'], found['names'].split('.')[1:]
    if topic in OUTPUTS:
        declared = re.search(r'^type \w+ = \{(.*)\};$', OUTPUTS[topic], re.MULTILINE)
        made = re.findall(r'(\w+):', declared[1]) if declared else []
        assert {*names, *([chosen] if chosen else [])} <= set(made)
        return
    assert topic in TOPICS
    if chosen:
        assert chosen in fields(TOPICS[topic])
    check(TOPICS[topic], names)


@pytest.mark.parametrize('name', SCRIPTS)
def test_a_script_says_what_it_reads_and_makes(name: str) -> None:
    code = SCRIPTS[name]
    (topic,) = re.findall(r'inputs = \["(.*)"\]', code)
    assert topic in TOPICS
    # A script that returns `any` is refused by both.
    made = rf'function script\(event: Input<"{topic}">\): (Message<"foxglove.\w+">|[A-Z]\w+) {{'
    assert re.search(made, code)
    for path in re.findall(r'event\.message\.([\w.]+)', code):
        check(TOPICS[topic], path.split('.'))


def test_the_boxes_are_read_from_fields_that_there_are() -> None:
    detection = fields('vision_msgs/msg/Detection2D')
    box = fields('vision_msgs/msg/BoundingBox2D')
    assert {'bbox', 'results'} <= set(detection)
    assert {'center', 'size_x', 'size_y'} <= set(box)
    assert {'class_id', 'score'} <= set(fields('vision_msgs/msg/ObjectHypothesis'))
    assert 'position' in fields('vision_msgs/msg/Pose2D')


def test_every_panel_of_the_layout_is_configured() -> None:
    def leaves(node: object) -> list[str]:
        return leaves(node['first']) + leaves(node['second']) if isinstance(node, dict) else [node]

    assert sorted(leaves(LAYOUT['layout'])) == sorted(LAYOUT['configById'])
