# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The SROS2 policy names every topic and service that the nodes really use."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.e2e

POLICY = Path(__file__).resolve().parents[2] / 'config' / 'security' / 'policy.xml'
PROFILES = {
    profile.get('node', ''): profile for profile in ElementTree.parse(POLICY).iter('profile')
}


def allowed(node: str, group: str, item: str, right: str) -> set[str]:
    """Return the absolute names that the policy gives a right to."""
    found = set()
    for part in PROFILES[node].findall(group):
        if part.get(right) == 'ALLOW':
            for entry in part.findall(item):
                name = (entry.text or '').replace('~', f'/{node}')
                found.add(name if name.startswith('/') else f'/{name}')
    return found


@pytest.mark.parametrize('node', ['detection_a', 'detection_b', 'recovery', 'camera', 'injector'])
def test_a_node_may_do_what_it_does(shared_live, node) -> None:
    observer = shared_live.session.observer.node

    def known() -> bool:
        return (node, '/') in observer.get_node_names_and_namespaces()

    assert shared_live.session.observer.wait_for(lambda _: known(), 30.0)

    def names(kind: str) -> set[str]:
        find = getattr(observer, f'get_{kind}_names_and_types_by_node')
        return {name for name, _ in find(node, '/')}

    assert names('publisher') <= allowed(node, 'topics', 'topic', 'publish')
    assert names('subscriber') <= allowed(node, 'topics', 'topic', 'subscribe')
    assert names('service') <= allowed(node, 'services', 'service', 'reply')
    assert names('client') <= allowed(node, 'services', 'service', 'request')
