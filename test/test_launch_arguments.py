# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The launch arguments: read from text."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from restage.launch_description import (
    LaunchArgumentError,
    launch_arguments,
    system_arguments,
)
from restage.system import SystemOptions, describe_system

ROOT = Path(__file__).resolve().parents[1]
PARAMETERS = yaml.safe_load((ROOT / 'config' / 'restage.yaml').read_text())
ARGUMENTS = {argument.name: argument for argument in (*system_arguments(), *launch_arguments())}


def test_every_argument_says_what_it_is() -> None:
    assert [name for name, argument in ARGUMENTS.items() if not argument.description] == []


@pytest.mark.parametrize(
    ('name', 'text', 'value'),
    [('loop', 'False', False), ('rate_hz', '30', 30.0), ('seed', '7', 7), ('source', '1', '1')],
)
def test_value_has_the_type_of_the_option(name: str, text: str, value: object) -> None:
    parsed = ARGUMENTS[name].parse(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ('name', 'text', 'accepted'),
    [
        ('loop', 'maybe', 'true or false'),
        ('rate_hz', 'inf', 'a number'),
        ('seed', '1.5', 'a whole number'),
        ('log_level', 'loud', 'debug, info, warn, error, fatal'),
        ('reliability', 'often', 'reliable, best_effort'),
    ],
)
def test_bad_value_is_named_with_what_is_accepted(name: str, text: str, accepted: str) -> None:
    with pytest.raises(LaunchArgumentError) as caught:
        ARGUMENTS[name].parse(text)
    for part in (name, text, accepted):
        assert part in str(caught.value)


# As many nodes as there can be.
LARGEST = describe_system(
    SystemOptions(allow_fault_injection=True, standbys=3, record='/bag', dashboard=True)
)


def test_the_parameter_file_is_for_the_nodes_there_can_be() -> None:
    assert set(PARAMETERS) == {f'/**/{spec.name}' for spec in LARGEST}


def test_the_parameter_file_sets_nothing_that_a_launch_argument_overrides() -> None:
    for spec in LARGEST:
        set_here = set(PARAMETERS[f'/**/{spec.name}']['ros__parameters'])
        # The dashboard turns this on, and its absence leaves it alone.
        given = set(spec.parameters) - {'stage_status_every'}
        assert set_here & given == set(), spec.name


def test_the_detectors_have_the_same_parameters() -> None:
    detectors = [spec.name for spec in LARGEST if spec.executable == 'detection_node']
    first, *others = (PARAMETERS[f'/**/{name}'] for name in detectors)
    assert others == [first] * 3
