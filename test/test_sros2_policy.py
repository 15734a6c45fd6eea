# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The SROS2 policy: what `ros2 security` and the DDS implementations demand of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from restage.system import SystemOptions, describe_system

POLICY = Path(__file__).resolve().parents[1] / 'config' / 'security' / 'policy.xml'
TREE = ElementTree.parse(POLICY)
ENCLAVES = [enclave.get('path', '') for enclave in TREE.iter('enclave')]
# Domain ids of keystore and permissions are the environment's. Source: sros2, _utilities.domain_id.
DOMAIN = '42'
# Source: sros2/policy/schemas/policy.xsd, 0.2.0.
RIGHTS = {'topics': {'publish', 'subscribe'}, 'services': {'reply', 'request'}}


def test_it_has_the_form_that_sros2_accepts() -> None:
    root = TREE.getroot()
    assert (root.tag, root.get('version')) == ('policy', '0.2.0')
    assert [child.tag for child in root] == ['enclaves']
    assert len(ENCLAVES) == len(set(ENCLAVES)) > 0
    for profile in TREE.iter('profile'):
        assert set(profile.attrib) == {'ns', 'node'}
        for group in profile:
            assert set(group.attrib) <= RIGHTS[group.tag]
            assert {entry.tag for entry in group} == {group.tag.removesuffix('s')}
            assert all((entry.text or '').strip() for entry in group)


def test_nothing_is_denied_by_name() -> None:
    # Cyclone DDS lets nobody even subscribe to a topic with a rule that denies publishing it.
    assert {
        right for tag in RIGHTS for group in TREE.iter(tag) for right in group.attrib.values()
    } == {'ALLOW'}


def test_every_node_that_is_started_has_an_enclave_with_its_profile() -> None:
    options = SystemOptions(
        allow_fault_injection=True, fault_proxy=True, standbys=3, dashboard=True, record='bag'
    )
    for spec in describe_system(options):
        (enclave,) = (e for e in TREE.iter('enclave') if e.get('path') == spec.enclave)
        assert [profile.get('node') for profile in enclave.iter('profile')] == [spec.name]


@pytest.mark.skipif(
    shutil.which('ros2') is None, reason='needs `ros2 security`, which comes with ROS 2'
)
def test_ros2_security_makes_signed_permissions_of_it(tmp_path: Path) -> None:
    def security(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ['ros2', 'security', *words],
            cwd=tmp_path,
            env={**os.environ, 'ROS_DOMAIN_ID': DOMAIN},
            capture_output=True,
            text=True,
            check=False,
        )

    if security('--help').returncode:
        pytest.skip('this ros2 has no `security`')
    assert security('create_keystore', 'keys').returncode == 0
    for enclave in ('/injector', '/detection_a'):
        assert security('create_enclave', 'keys', enclave).returncode == 0
        made = security('create_permission', 'keys', enclave, str(POLICY))
        assert made.returncode == 0, made.stderr
        folder = tmp_path / 'keys' / 'enclaves' / enclave[1:]
        assert (folder / 'permissions.p7s').stat().st_size > 0
        grant = ElementTree.parse(folder / 'permissions.xml')
        assert {domain.text for domain in grant.iter('id')} == {DOMAIN}
        publish = {topic.text for part in grant.iter('publish') for topic in part.iter('topic')}
        assert ('rt/fault_commands' in publish) == (enclave == '/injector')
        assert [default.text for default in grant.iter('default')] == ['DENY']
