# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The containers start what there is, and share what they must."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from restage.harness.environment import CHOICES
from restage.launch_description import launch_arguments, system_arguments

ROOT = Path(__file__).resolve().parents[1]
DOCKER = ROOT / 'docker'
COMPOSE = yaml.safe_load((DOCKER / 'compose.yaml').read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE['services']
SETUP = (ROOT / 'setup.py').read_text()
README = (DOCKER / 'README.md').read_text()
DOCKERFILES = ('Dockerfile', 'Dockerfile.jetson')


def executables() -> set[str]:
    return set(re.findall(r"'(\w+) = restage\.", SETUP))


def test_every_service_runs_something_that_is_installed() -> None:
    for name, service in SERVICES.items():
        words = [*service.get('entrypoint', ()), *service['command']]
        place = words.index('restage')
        verb, target = words[place - 1], words[place + 1]
        if verb == 'launch':
            assert (ROOT / 'launch' / target).is_file(), name
        else:
            assert verb == 'run', name
            assert target in executables(), name


def test_the_launch_arguments_exist() -> None:
    known = {argument.name for argument in (*system_arguments(), *launch_arguments())}
    given = [word.partition(':=')[0] for word in SERVICES['detection']['command'] if ':=' in word]
    assert 'camera' in given
    assert set(given) <= known
    values = dict(word.split(':=', 1) for word in SERVICES['detection']['command'] if ':=' in word)
    defaults = {argument.name: argument.default_text for argument in system_arguments()}
    for name, value in values.items():
        default = re.fullmatch(r'\$\{\w+:-(.*)\}', value)
        if default:
            assert default[1] == defaults[name], name


def test_the_camera_of_a_container_is_heard_by_the_detectors() -> None:
    # A reliable subscription, the default of the launch files, hears no best-effort publisher.
    assert 'reliability:=reliable' in SERVICES['camera']['command']
    assert not any('reliability' in word for word in SERVICES['detection']['command'])
    assert {argument.name: argument.default_text for argument in system_arguments()}[
        'reliability'
    ] == 'reliable'
    # Nobody takes the transports away that the launch files and the entry point choose.
    assert not {name for one in SERVICES.values() for name in one['environment']} & set(CHOICES)


def test_all_are_of_one_image_and_share_the_hosts_memory_and_network() -> None:
    assert {service['image'] for service in SERVICES.values()} == {'${RESTAGE_IMAGE:-restage}'}
    for service in SERVICES.values():
        assert (service['ipc'], service['network_mode']) == ('host', 'host')
    # The checkpoints in /dev/shm and the processes that are killed are of one container.
    assert 'camera:=false' in SERVICES['detection']['command']
    assert sum('launch' in service['command'] for service in SERVICES.values()) == 1


def test_faults_are_of_a_profile_that_nobody_starts_by_chance() -> None:
    assert [name for name, one in SERVICES.items() if 'profiles' in one] == ['inject']
    assert (
        'allow_fault_injection:=${ALLOW_FAULT_INJECTION:-false}'
        in (SERVICES['detection']['command'])
    )


def test_what_is_built_and_mounted_is_there() -> None:
    build = SERVICES['detection']['build']
    assert (DOCKER / build['context']).resolve() == ROOT
    assert (ROOT / build['dockerfile']).is_file()
    arguments = re.findall(r'^ARG (\w+)', (ROOT / build['dockerfile']).read_text(), re.MULTILINE)
    assert set(build['args']) <= set(arguments)
    for service in SERVICES.values():
        for volume in service.get('volumes', ()):
            source = re.sub(r'\$\{\w+:-(.*?)\}', r'\1', volume).split(':')[0]
            assert source in COMPOSE['volumes'] or (DOCKER / source).exists(), volume


def test_every_variable_and_build_argument_is_documented() -> None:
    names = set(re.findall(r'\$\{(\w+)', (DOCKER / 'compose.yaml').read_text()))
    for file in DOCKERFILES:
        names |= set(re.findall(r'^ARG (\w+)', (DOCKER / file).read_text(), re.MULTILINE))
    assert [name for name in sorted(names) if name not in README] == []


@pytest.mark.parametrize('name', DOCKERFILES)
def test_a_dockerfile_copies_and_starts_what_is_there(name: str) -> None:
    text = (DOCKER / name).read_text()
    for line in re.findall(r'^COPY (.+)$', text, re.MULTILINE):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources), line
    (entrypoint,) = re.findall(r'^ENTRYPOINT \["/opt/restage/(.+)"\]$', text, re.MULTILINE)
    assert (ROOT / entrypoint).is_file()
    command = re.findall(r'"([^"]+)"', text.rpartition('CMD ')[2])
    assert (ROOT / 'launch' / command[3]).is_file()
    assert (DOCKER / f'{name}.dockerignore').is_file()
    requirements = (ROOT / 'requirements' / 'runtime.txt').read_text().splitlines()
    for kept in re.findall(r"-e '\^(\w+)", text):
        # What comes from another index is one of the requirements, under that name.
        assert any(re.match(rf'{kept}(==|$)', line) for line in requirements), kept
