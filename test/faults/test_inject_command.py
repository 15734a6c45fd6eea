# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage inject``: what is checked before ROS is touched, and when ROS refuses."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

import pytest

from restage.commands import inject
from restage.faults.enums import Persistence, When
from restage.faults.taxonomy import KINDS
from restage.harness.domain import own_domain
from restage.harness.environment import node_environment

COMMAND = 'import sys; from restage.cli import main; sys.exit(main())'


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    inject.add_arguments(parser)
    return parser.parse_args(words)


def test_list(capsys, tmp_path):
    assert inject.run(parse('--list', '--json', str(tmp_path / 'kinds.json'))) == 0
    out = capsys.readouterr().out
    assert 'nn.neuron.bit_flip' in out
    assert 'proc.kill' in out
    kinds = json.loads((tmp_path / 'kinds.json').read_text())['kinds']
    assert [kind['kind'] for kind in kinds] == [kind.name for kind in KINDS]


def test_fault_from_arguments():
    fault = inject.fault_from_arguments(
        parse(
            *('timing.delay', 'delay_ms=3', 'mode=sleep', '--stage', 'neck', '--when', 'after'),
            *('--persistence', 'intermittent', '--probability', '0.5', '--seed', '9'),
            *('--target', 'standby', '--after-frames', '2'),
        )
    )
    assert fault.id.startswith('inject-')
    assert fault.parameters == {'delay_ms': 3.0, 'mode': 'sleep'}
    assert (fault.when, fault.persistence) == (When.AFTER, Persistence.INTERMITTENT)
    assert (fault.stage, fault.target, fault.seed) == ('neck', 'standby', 9)
    assert (fault.probability, fault.after_frames) == (0.5, 2)


def test_when_defaults_to_the_kinds_own():
    assert inject.fault_from_arguments(parse('nn.neuron.nan')).when is When.AFTER
    assert inject.fault_from_arguments(parse('proc.kill')).when is When.DURING


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        ([], 'a kind of fault is needed'),
        (['proc.kil'], "unknown fault kind 'proc.kil'; did you mean 'proc.kill'?"),
        (['nn.neuron.nan', 'count'], "'count' is no parameter; accepted: NAME=VALUE"),
        (['nn.neuron.nan', 'count=x'], "parameter 'count': 'x' is not a number"),
        (['nn.neuron.nan', 'bit=1'], "unknown parameter of 'nn.neuron.nan' 'bit'"),
        (['nn.neuron.nan', '--when', 'before'], "'when' of 'nn.neuron.nan' is 'before'"),
        (['proc.kill', '--seed', '-1'], "'seed' is -1"),
        (['proc.kill', '--timeout', '0'], '--timeout is 0'),
        (['proc.kill', '--namespace', 'a b'], "--namespace is 'a b'"),
        (['proc.kill', '--json', '/no/such/folder/x.json'], 'does not exist'),
    ],
)
def test_bad_usage(capsys, words, message):
    assert inject.run(parse(*words)) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ''


def test_a_node_that_ros_refuses_is_one_message(tmp_path):
    pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')
    with own_domain() as domain:
        environment = {
            **node_environment(domain, tmp_path),
            'ROS_SECURITY_ENABLE': 'true',
            'ROS_SECURITY_STRATEGY': 'Enforce',
            'ROS_SECURITY_KEYSTORE': str(tmp_path),
        }
        done = subprocess.run(
            [sys.executable, '-c', COMMAND, 'inject', 'proc.kill'],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr.startswith('restage inject: ROS 2 refuses its node: ')
    assert 'Traceback' not in done.stderr
