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
SCRIPTS = {
    re.search(r'output = "(.*)"', node['sourceCode'])[1] for node in LAYOUT['userNodes'].values()
}


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
    if path in SCRIPTS:
        return
    bare = re.sub(r'\.@\w+\([^)]*\)', '', path)
    conditions = re.findall(r'\{(\w+)==', bare)
    topic, *names = re.sub(r'\{[^}]*\}', '', bare).split('.')
    assert topic in TOPICS
    for name in conditions:
        assert name in fields(TOPICS[topic])
    check(TOPICS[topic], names)


def test_the_script_reads_fields_that_there_are() -> None:
    (node,) = LAYOUT['userNodes'].values()
    assert re.findall(r'Input<"(.*)">', node['sourceCode']) == ['/detections']
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
