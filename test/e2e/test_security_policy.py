# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The SROS2 policy allows the nodes every topic and service that they use, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from .live import PATIENCE_S, Live, running

pytestmark = pytest.mark.e2e

POLICY = Path(__file__).resolve().parents[2] / 'config' / 'security' / 'policy.xml'
PROFILES = {
    profile.get('node', ''): profile for profile in ElementTree.parse(POLICY).iter('profile')
}
# As detection_b; the system of this test has two detectors.
MORE_DETECTORS = ('detection_c', 'detection_d')
# What the policy allows besides: without a proxy, while somebody watches the camera, and until the
# first detections.
BESIDES: dict[str, set[str]] = {
    'camera': {'/image_raw'},
    'recorder': {'/image_raw'},
    'dashboard': {'/image_raw'},
    'injector': {'/detections', '/heartbeat'},
    'recovery': {
        f'/{name}/{service}' for name in MORE_DETECTORS for service in ('recover', 'change_state')
    },
}


@pytest.fixture(scope='module')
def every_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A system with every kind of node that there is."""
    folder = tmp_path_factory.mktemp('every')
    options = {'fault_proxy': True, 'dashboard': True, 'dashboard_port': 0}
    with running(folder, {}, record=str(folder / 'bag'), **options) as system:
        yield system


def allowed(node: str, group: str, item: str, right: str) -> set[str]:
    """Return the absolute names that the policy gives a right to."""
    found = set()
    for part in PROFILES[node].findall(group):
        if part.get(right) == 'ALLOW':
            for entry in part.findall(item):
                name = (entry.text or '').replace('~', f'/{node}')
                found.add(name if name.startswith('/') else f'/{name}')
    return found


@pytest.mark.parametrize('node', sorted(set(PROFILES) - set(MORE_DETECTORS)))
def test_a_node_may_do_what_it_does(every_node, node) -> None:
    observer = every_node.session.observer

    def used(kind: str) -> set[str]:
        if (node, '/') not in observer.node.get_node_names_and_namespaces():
            return set()
        find = getattr(observer.node, f'get_{kind}_names_and_types_by_node')
        return {name for name, _ in find(node, '/')} - BESIDES.get(node, set())

    for kind, group, item, right in (
        ('publisher', 'topics', 'topic', 'publish'),
        ('subscriber', 'topics', 'topic', 'subscribe'),
        ('service', 'services', 'service', 'reply'),
        ('client', 'services', 'service', 'request'),
    ):
        expected = allowed(node, group, item, right) - BESIDES.get(node, set())
        if kind == 'subscriber':  # as every node of rclcpp does
            expected -= {'/parameter_events'}
        # The last of them may not be known yet.
        observer.wait_for(lambda _, kind=kind, all_of=expected: used(kind) == all_of, PATIENCE_S)
        assert used(kind) == expected, kind


@pytest.mark.parametrize('node', MORE_DETECTORS)
def test_every_detector_has_the_same_rights(node) -> None:
    first, other = (
        ElementTree.tostring(PROFILES[name], 'unicode').replace(name, 'detection')
        for name in ('detection_b', node)
    )
    assert other.strip() == first.strip()
