# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from restage.config import config_folder
from restage.harness.environment import CHOICES, node_environment, transport_environment

NEWER, OLDER = 'FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE'
FULL_HD_BYTES = 1920 * 1080 * 3
DDS = '{http://www.eprosima.com}'


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have chosen something."""
    for name in (*CHOICES, 'ROS_DISTRO', 'ROS_AUTOMATIC_DISCOVERY_RANGE'):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize('distro', [{}, {'ROS_DISTRO': 'kilted'}, {'ROS_DISTRO': 'rolling'}])
def test_the_profiles_are_set_by_the_name_fast_dds_3_knows(distro: dict[str, str]) -> None:
    assert transport_environment(distro) == {NEWER: str(config_folder() / 'fastdds.xml')}


@pytest.mark.parametrize('distro', ['humble', 'jazzy'])
def test_under_older_ones_they_are_set_by_the_only_name_fast_dds_2_knows(distro: str) -> None:
    profiles = str(config_folder() / 'fastdds.xml')
    assert transport_environment({'ROS_DISTRO': distro}) == {OLDER: profiles}


def test_a_shell_can_take_them_over() -> None:
    done = subprocess.run(
        ['sh', '-c', f'eval "$({sys.executable} -m restage.harness.environment)"; echo ${NEWER}'],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == str(config_folder() / 'fastdds.xml')


@pytest.mark.parametrize('distro', ['jazzy', 'kilted'])
@pytest.mark.parametrize('choice', CHOICES)
def test_whoever_has_chosen_the_transports_keeps_them(choice: str, distro: str) -> None:
    assert transport_environment({choice: 'mine', 'ROS_DISTRO': distro}) == {}


def test_the_profiles_are_the_default_and_use_the_transports_they_describe_and_no_others() -> None:
    (path,) = transport_environment({}).values()
    root = ElementTree.parse(path).getroot()
    (participant,) = root.iter(f'{DDS}participant')
    assert participant.get('is_default_profile') == 'true'
    (builtin,) = participant.iter(f'{DDS}useBuiltinTransports')
    assert builtin.text == 'false'
    descriptors = list(root.iter(f'{DDS}transport_descriptor'))
    described = {one.findtext(f'{DDS}transport_id') for one in descriptors}
    used = {one.text for one in participant.iter(f'{DDS}transport_id')}
    assert described == used != set()
    for descriptor in descriptors:
        if descriptor.findtext(f'{DDS}type') == 'SHM':
            assert int(descriptor.findtext(f'{DDS}segment_size') or '0') > FULL_HD_BYTES


def test_a_node_gets_its_domain_its_log_folder_and_one_thread(tmp_path: Path) -> None:
    environment = node_environment(42, tmp_path)
    assert environment['ROS_DOMAIN_ID'] == '42'
    assert environment['ROS_LOG_DIR'] == str(tmp_path)
    assert environment['OMP_NUM_THREADS'] == '1'
    assert environment['PYTHONUNBUFFERED'] == '1'
    # Set to LOCALHOST, it would bring shared memory in, whatever the transport profile says.
    assert 'ROS_AUTOMATIC_DISCOVERY_RANGE' not in environment
    assert environment[NEWER].endswith('fastdds.xml')
    assert environment['PATH'] == os.environ['PATH']


def test_what_the_user_chose_reaches_the_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'SUBNET')
    monkeypatch.setenv('FASTDDS_BUILTIN_TRANSPORTS', 'LARGE_DATA')
    environment = node_environment(42, tmp_path)
    assert environment['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'SUBNET'
    assert environment['FASTDDS_BUILTIN_TRANSPORTS'] == 'LARGE_DATA'
    assert not {NEWER, OLDER} & set(environment)


def test_the_environment_of_this_process_is_left_as_it_is(tmp_path: Path) -> None:
    before = dict(os.environ)
    node_environment(42, tmp_path)['PATH'] = ''
    assert dict(os.environ) == before
