# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restage.harness import process as module
from restage.harness.process import NodeProcess, command_of
from restage.system import NodeSpec

yaml = pytest.importorskip('yaml')


def read_back(value: Any) -> Any:
    """What a YAML parser reads from the command line for a parameter of ``value``."""
    command = command_of(NodeSpec(name='a', executable='x_node', parameters={'p': value}))
    assert command[-2] == '-p'
    name, _, text = command[-1].partition(':=')
    assert name == 'p'
    return yaml.safe_load(text)


def test_the_command_starts_the_module_under_the_name_of_the_node() -> None:
    command = command_of(NodeSpec(name='detection_a', executable='detection_node'))
    assert command[:4] == [sys.executable, '-m', 'restage.nodes.detection_node', '--ros-args']
    assert command[command.index('-r') + 1] == '__node:=detection_a'
    assert command[command.index('--enclave') + 1] == '/detection_a'
    assert '-p' not in command


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        (True, 'true'),
        (False, 'false'),
        (0.0, '0.0'),  # not 0: an integer is no value for a float parameter
        (30.0, '30.0'),
        (7, '7'),
        ('', '""'),
        ('true', '"true"'),
        ('12', '"12"'),
        ('/a folder/of: images #1', '"/a folder/of: images #1"'),
        (['detection_a', 'detection_b'], '["detection_a", "detection_b"]'),
        ([], '[]'),
    ],
)
def test_every_kind_of_value_is_written_so_that_its_type_survives(value: Any, text: str) -> None:
    command = command_of(NodeSpec(name='a', executable='x_node', parameters={'p': value}))
    assert command[-1] == f'p:={text}'
    back = read_back(value)
    assert (type(back), back) == (type(value), value)


# What YAML 1.1 has no raw form for: DEL and the C1 controls (a line break among them), two line
# separators, and what is no character.
UNPRINTABLE = [*map(chr, range(0x7F, 0xA0)), '\u2028', '\u2029', '\ufffe', '\uffff']
TEXT = st.characters(exclude_categories=['Cs'], exclude_characters=UNPRINTABLE)


@given(st.text(TEXT))
def test_any_printable_text_survives_as_it_is(text: str) -> None:
    assert read_back(text) == text


@pytest.mark.parametrize('character', ['\x7f', '\x80', '\x85', '\x9f', '\ufffe', '\uffff'])
def test_characters_that_yaml_does_not_print_survive_too(character: str) -> None:
    text = f'/a{character}b'
    assert read_back(text) == text


@pytest.mark.parametrize('character', ['\u2028', '\u2029'])
def test_line_separators_survive_too(character: str) -> None:
    text = f'/a {character} b'
    assert read_back(text) == text


def test_a_path_beyond_the_basic_plane_survives_too() -> None:
    assert read_back('/videos/🚗.mp4') == '/videos/🚗.mp4'
    assert read_back(['🚗', 'ü']) == ['🚗', 'ü']


@pytest.fixture
def spec(monkeypatch: pytest.MonkeyPatch) -> NodeSpec:
    """A node that is a shell: says its environment and its parameter, and ends with status 3."""

    def command(spec: NodeSpec) -> list[str]:
        text = json.dumps(spec.parameters['text'])
        return ['sh', '-c', f'echo {text} $WORD; echo problem >&2; exit 3']

    monkeypatch.setattr(module, 'command_of', command)
    return NodeSpec(name='a', executable='x_node', parameters={'text': 'hello'})


def test_a_node_runs_in_the_environment_given_and_its_output_is_kept(
    spec: NodeSpec, tmp_path: Path
) -> None:
    node = NodeProcess(spec, {'WORD': 'you', 'PATH': '/usr/bin:/bin'}, tmp_path / 'a.log')
    node.process.wait(60)
    assert node.ended() == 3
    assert node.text() == 'hello you\nproblem\n'


def test_a_restart_is_another_process_that_adds_to_the_same_log(
    spec: NodeSpec, tmp_path: Path
) -> None:
    node = NodeProcess(spec, {'WORD': 'you', 'PATH': '/usr/bin:/bin'}, tmp_path / 'a.log')
    first = node.pid
    node.process.wait(60)
    node.restart()
    node.process.wait(60)
    assert node.pid != first
    assert node.starts == 2
    assert node.text() == 'hello you\nproblem\n' * 2


def test_a_node_that_a_signal_ended_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, 'command_of', lambda _: ['sleep', '60'])
    node = NodeProcess(
        NodeSpec(name='a', executable='x_node'), {'PATH': '/usr/bin:/bin'}, tmp_path / 'a.log'
    )
    assert node.ended() is None
    node.process.kill()
    node.process.wait(60)
    assert node.ended() == -9
