# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from dataclasses import fields
from importlib.util import find_spec

import pytest

from restage.system import DETECTORS, NodeSpec, SystemOptions, describe_system


def by_name(**options: object) -> dict[str, NodeSpec]:
    return {spec.name: spec for spec in describe_system(SystemOptions(**options))}


def test_by_default_there_are_two_detectors_under_a_recovery_node_and_a_camera() -> None:
    specs = describe_system(SystemOptions())
    assert [spec.name for spec in specs] == ['recovery', 'detection_a', 'detection_b', 'camera']


def test_the_detectors_are_those_the_recovery_node_leads_and_the_camera_waits_for() -> None:
    nodes = by_name()
    assert nodes['recovery'].parameters['detectors'] == list(DETECTORS)
    assert nodes['camera'].parameters['wait_for_subscribers'] == 2
    for name in DETECTORS:
        assert nodes[name].parameters['autostart'] is False


def test_without_recovery_there_is_one_detector_that_starts_by_itself() -> None:
    nodes = by_name(with_recovery=False)
    assert list(nodes) == ['detection_a', 'camera']
    assert nodes['detection_a'].parameters['autostart'] is True
    assert nodes['camera'].parameters['wait_for_subscribers'] == 1


@pytest.mark.parametrize(
    ('standbys', 'names'),
    [
        (1, ['detection_a', 'detection_b']),
        (2, ['detection_a', 'detection_b', 'detection_c']),
        (3, ['detection_a', 'detection_b', 'detection_c', 'detection_d']),
    ],
)
def test_there_are_as_many_standbys_as_asked_for_and_everybody_knows_of_them(
    standbys: int, names: list[str]
) -> None:
    nodes = by_name(standbys=standbys)
    assert list(nodes) == ['recovery', *names, 'camera']
    assert nodes['recovery'].parameters['detectors'] == names
    assert nodes['camera'].parameters['wait_for_subscribers'] == len(names)
    first, *others = (nodes[name].parameters for name in names)
    assert others == [first] * standbys


@pytest.mark.parametrize('standbys', [-1, 0, 4, 99])
def test_another_number_of_standbys_is_refused_and_those_accepted_are_named(
    standbys: int,
) -> None:
    with pytest.raises(ValueError) as caught:
        describe_system(SystemOptions(standbys=standbys))
    assert str(caught.value) == f'standbys {standbys} is not accepted: give 1 to 3'


def test_without_recovery_there_are_no_standbys_however_many_were_asked_for() -> None:
    assert list(by_name(with_recovery=False, standbys=3)) == ['detection_a', 'camera']


@pytest.mark.parametrize('recovery', [True, False])
def test_plan_and_deadlines_reach_every_detector(recovery: bool) -> None:
    nodes = by_name(
        with_recovery=recovery,
        plan='/plan.yaml',
        stage_deadline_ms=400.0,
        stage_deadline_floor_ms=20.0,
    )
    detectors = [spec for spec in nodes.values() if spec.executable == 'detection_node']
    assert len(detectors) == (2 if recovery else 1)
    for spec in detectors:
        assert spec.parameters['checkpoint_plan'] == '/plan.yaml'
        assert spec.parameters['stage_deadline_ms'] == 400.0
        assert spec.parameters['stage_deadline_floor_ms'] == 20.0


def test_faults_are_injected_only_where_that_is_allowed() -> None:
    nodes = by_name()
    assert 'injector' not in nodes
    assert all(nodes[name].parameters['allow_fault_injection'] is False for name in DETECTORS)


@pytest.mark.parametrize('recovery', [True, False])
def test_a_scenario_where_no_fault_is_accepted_is_an_error_that_says_what_it_needs(
    recovery: bool,
) -> None:
    with pytest.raises(ValueError) as caught:
        describe_system(SystemOptions(scenario='/some.yaml', with_recovery=recovery))
    assert str(caught.value) == (
        "scenario '/some.yaml' needs allow_fault_injection: true; without it no fault is accepted"
    )


def test_where_allowed_injector_and_detectors_are_told_so_and_the_injector_the_scenario() -> None:
    nodes = by_name(allow_fault_injection=True, scenario='/some.yaml')
    assert nodes['injector'].parameters == {
        'scenario': '/some.yaml',
        'allow_fault_injection': True,
        'cameras': [''],
    }
    assert all(nodes[name].parameters['allow_fault_injection'] is True for name in DETECTORS)


def test_what_the_user_chose_reaches_the_nodes() -> None:
    chosen = {
        'source': '/video.mp4',
        'rate_hz': 12.5,
        'loop': False,
        'max_frames': 9,
        'seed': 4,
        'frame_log': '/frames.csv',
        'reliability': 'best_effort',
    }
    nodes = by_name(model='/weights.safetensors', **chosen)
    assert nodes['camera'].parameters == {**chosen, 'wait_for_subscribers': 2}
    for name in DETECTORS:
        assert nodes[name].parameters['model'] == '/weights.safetensors'
        assert nodes[name].parameters['reliability'] == 'best_effort'


def test_each_of_several_cameras_has_its_node_its_topics_its_scene_and_its_log() -> None:
    nodes = by_name(cameras='front, rear', seed=4, frame_log='/logs/frames.jsonl')
    assert list(nodes)[-2:] == ['camera_front', 'camera_rear']
    for name in ('recovery', *DETECTORS):
        assert nodes[name].parameters['cameras'] == ['front', 'rear']
    for number, name in enumerate(('front', 'rear')):
        camera = nodes[f'camera_{name}']
        assert camera.remappings == {
            'image_raw': f'{name}/image_raw',
            'camera_info': f'{name}/camera_info',
        }
        assert camera.parameters['frame_id'] == name
        assert camera.parameters['seed'] == 4 + number
        assert camera.parameters['frame_log'] == f'/logs/frames-{name}.jsonl'


@pytest.mark.parametrize(
    ('options', 'why'),
    [
        ({'cameras': 'front,front'}, 'different names'),
        (
            {'cameras': 'front,rear', 'fault_proxy': True, 'allow_fault_injection': True},
            'stands before one camera',
        ),
    ],
)
def test_cameras_that_cannot_be_are_refused(options: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        by_name(**options)


def test_only_the_nodes_that_recovery_brings_back_are_respawned() -> None:
    respawned = {name: spec.respawn for name, spec in by_name(allow_fault_injection=True).items()}
    assert respawned == {
        'recovery': True,
        'detection_a': True,
        'detection_b': True,
        'injector': False,
        'camera': False,
    }


def test_with_a_dashboard_the_detectors_say_how_long_each_stage_takes() -> None:
    nodes = by_name(dashboard=True, dashboard_port=0, cameras='front,rear')
    assert nodes['dashboard'].parameters == {
        'cameras': ['front', 'rear'],
        'host': '127.0.0.1',
        'port': 0,
    }
    for name in DETECTORS:
        assert nodes[name].parameters['stage_status_every'] == 5
    assert 'stage_status_every' not in by_name()['detection_a'].parameters


@pytest.mark.parametrize(('recovery', 'inject'), [*itertools.product([True, False], repeat=2)])
def test_names_are_unique_the_camera_starts_last_and_every_module_exists(
    recovery: bool, inject: bool
) -> None:
    specs = describe_system(SystemOptions(with_recovery=recovery, allow_fault_injection=inject))
    names = [spec.name for spec in specs]
    assert len(set(names)) == len(names)
    assert names[-1] == 'camera'
    for spec in specs:
        assert find_spec(f'restage.nodes.{spec.executable}') is not None


def test_two_descriptions_share_no_parameters() -> None:
    options = SystemOptions()
    first, second = describe_system(options), describe_system(options)
    for one, other in zip(first, second, strict=True):
        assert one == other
        assert one.parameters is not other.parameters


def another(value: object) -> object:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f'{value}other'


def test_every_option_changes_the_system() -> None:
    plain = {'allow_fault_injection': True, 'record': '/bag', 'dashboard': True}
    for field in fields(SystemOptions):
        changed = {**plain, field.name: another(plain.get(field.name, field.default))}
        assert by_name(**changed) != by_name(**plain), field.name


def test_a_recorder_hears_what_the_camera_gives_and_the_camera_waits_for_it() -> None:
    nodes = by_name(record='/bag', allow_fault_injection=True, fault_proxy=True)
    assert nodes['recorder'].remappings == nodes['camera'].remappings
    assert nodes['camera'].parameters['wait_for_subscribers'] == 2
    nodes = by_name(record='/bag')
    assert nodes['camera'].parameters['wait_for_subscribers'] == 3
    assert nodes['recorder'].respawn is False
    nodes = by_name(record='/bag', record_images='none')
    assert nodes['camera'].parameters['wait_for_subscribers'] == 2
