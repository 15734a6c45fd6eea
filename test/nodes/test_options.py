# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of the nodes, over a node that only keeps them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.qos import DurabilityPolicy, HistoryPolicy, LivelinessPolicy, ReliabilityPolicy

from restage.nodes import detection_options, recovery_options
from restage.nodes.qos import EVENTS, HEARTBEAT, LATCHED, image_qos
from restage.recovery.breaker import BreakerOptions
from restage.recovery.coordinator import CoordinatorOptions
from restage.recovery.policy import Policy
from restage.system import DETECTORS, SystemOptions, describe_system

CONFIG = Path(__file__).parents[2] / 'config' / 'restage.yaml'
SECOND = 1_000_000_000


class Parameters:
    """Declares and returns parameters as a node does."""

    def __init__(self, **overrides: Any) -> None:
        self.values: dict[str, Any] = {}
        self.descriptors: dict[str, ParameterDescriptor] = {}
        self._overrides = overrides

    def declare_parameter(
        self, name: str, default: Any, descriptor: ParameterDescriptor
    ) -> SimpleNamespace:
        self.values[name] = self._overrides.get(name, default)
        self.descriptors[name] = descriptor
        return self.get_parameter(name)

    def get_parameter(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(value=self.values[name])


def declared(module: Any, **overrides: Any) -> Parameters:
    node = Parameters(**overrides)
    module.declare_all(node)
    assert set(overrides) <= set(node.values)
    return node


@pytest.mark.parametrize('module', [detection_options, recovery_options])
def test_every_parameter_is_described_and_every_number_has_a_range(module: Any) -> None:
    node = declared(module)
    for name, descriptor in node.descriptors.items():
        assert descriptor.description, name
        value = node.values[name]
        if isinstance(value, int | float) and not isinstance(value, bool):
            (span,) = [*descriptor.integer_range, *descriptor.floating_point_range]
            assert span.from_value <= value <= span.to_value, name


@pytest.mark.parametrize(
    ('executable', 'module'),
    [('detection_node', detection_options), ('recovery_node', recovery_options)],
)
def test_the_parameter_file_has_every_parameter_that_is_no_launch_argument_at_its_default(
    executable: str, module: Any
) -> None:
    written = yaml.safe_load(CONFIG.read_text())
    system = describe_system(SystemOptions(allow_fault_injection=True, standbys=3))
    specs = [spec for spec in system if spec.executable == executable]
    assert specs
    for spec in specs:
        values = declared(module).values
        assert set(spec.parameters) <= set(values)
        rest = {name: value for name, value in values.items() if name not in spec.parameters}
        assert written[f'/**/{spec.name}']['ros__parameters'] == rest


def test_the_defaults_of_the_detection_node_are_what_is_read_back() -> None:
    options = detection_options.read_options(declared(detection_options))
    assert options.model == 'bundled'
    assert options.boundaries == ('auto',)
    assert options.order_deadline_s == pytest.approx(0.02)
    assert options.image_deadline_s == pytest.approx(0.03)
    assert options.report_every == 0
    assert (options.plan, options.weight_check_ms, options.shadow_cpu_percent) == ('', 0.5, 1.0)
    system = SystemOptions()
    assert options.stage_deadline_ms == system.stage_deadline_ms
    assert options.stage_deadline_floor_ms == system.stage_deadline_floor_ms


def test_parameters_of_the_detection_node_are_read_in_their_units() -> None:
    options = detection_options.read_options(
        declared(
            detection_options,
            model='/w.safetensors',
            checkpoint_boundaries=[],
            checkpoint_plan='/plan.yaml',
            stage_deadline_ms=400.0,
            stage_deadline_floor_ms=20.0,
            stage_deadline_factor=3.0,
            weight_check_ms=0.0,
            shadow_cpu_percent=0.0,
            order_deadline_ms=5.0,
            image_deadline_ms=60.0,
            queue_depth=3,
            threads=2,
            stage_status_every=4,
        )
    )
    assert (options.model, options.boundaries) == ('/w.safetensors', ())
    assert options.plan == '/plan.yaml'
    assert (options.stage_deadline_ms, options.stage_deadline_floor_ms) == (400.0, 20.0)
    assert options.stage_deadline_factor == 3.0
    assert (options.weight_check_ms, options.shadow_cpu_percent) == (0.0, 0.0)
    assert options.order_deadline_s == pytest.approx(0.005)
    assert options.image_deadline_s == pytest.approx(0.06)
    assert (options.queue_depth, options.threads, options.report_every) == (3, 2, 4)


def test_fault_injection_is_off_and_cannot_be_turned_on_later() -> None:
    node = declared(detection_options)
    assert node.values['allow_fault_injection'] is False
    assert node.descriptors['allow_fault_injection'].read_only


def test_the_recovery_node_leads_the_detectors_of_the_system_by_default() -> None:
    options = recovery_options.read_options(declared(recovery_options))
    assert options.detectors == list(DETECTORS)
    assert options.heartbeat_deadline_ticks == 10


def test_a_heartbeat_deadline_is_never_shorter_than_it_says() -> None:
    for deadline_ms in range(300, 60_001, 100):
        options = recovery_options.read_options(
            declared(recovery_options, heartbeat_deadline_ms=float(deadline_ms))
        )
        # More than that many ticks without a heartbeat: at least that many whole periods.
        assert options.heartbeat_deadline_ticks == deadline_ms // 100, deadline_ms


def test_the_recovery_node_treats_errors_by_default_as_the_coordinator_does() -> None:
    options = recovery_options.read_options(declared(recovery_options))
    assert options.coordinator == CoordinatorOptions()


def test_parameters_of_the_recovery_node_are_read_in_their_units() -> None:
    options = recovery_options.read_options(
        declared(
            recovery_options,
            detectors=['x'],
            store_capacity_mb=3,
            max_attempts=0,
            frame_budget_ms=1.5,
            breaker_failures=7,
            breaker_window_s=0.5,
            recovery_policy='model_reload',
        )
    )
    assert options.detectors == ['x']
    assert options.store_bytes == 3 * 1024 * 1024
    assert options.coordinator == CoordinatorOptions(
        max_attempts=0,
        frame_budget_ns=1_500_000,
        policy=Policy.MODEL_RELOAD,
        breaker=BreakerOptions(failures=7, window_ns=SECOND // 2),
    )


@pytest.mark.parametrize('policy', Policy)
def test_every_policy_is_accepted_by_its_name_and_described(policy: Policy) -> None:
    node = declared(recovery_options, recovery_policy=policy.value)
    assert recovery_options.read_options(node).coordinator.policy is policy
    assert policy.value in node.descriptors['recovery_policy'].description


@pytest.mark.parametrize('name', ['', 'Ladder', 'reload', '1'])
def test_an_unknown_policy_is_answered_with_those_accepted(name: str) -> None:
    node = declared(recovery_options, recovery_policy=name)
    with pytest.raises(ValueError) as caught:
        recovery_options.read_options(node)
    assert str(caught.value) == (
        f"recovery_policy '{name}' is unknown; accepted: "
        'ladder, whole_frame_rerun, model_reload, standby_failover, process_reset'
    )


@pytest.mark.parametrize(
    'names',
    [[], ['a', 'a'], ['../a'], ['a', ''], ['a/b'], ['1a'], ['ä'], ['a', 'control'], ['a\n'], None],
)
def test_names_that_name_no_nodes_or_one_twice_are_refused(names: list[str] | None) -> None:
    node = declared(recovery_options, detectors=names)
    with pytest.raises(ValueError, match='give one or more different node names'):
        recovery_options.read_options(node)


@pytest.mark.parametrize('name', ['a', '_', 'A1', 'detection_front', 'controller'])
def test_what_rcl_takes_for_a_name_names_a_node(name: str) -> None:
    node = declared(recovery_options, detectors=[name])
    assert recovery_options.read_options(node).detectors == [name]


@pytest.mark.parametrize(
    ('reliability', 'policy'),
    [('reliable', ReliabilityPolicy.RELIABLE), ('best_effort', ReliabilityPolicy.BEST_EFFORT)],
)
def test_images_have_the_reliability_asked_for(reliability: str, policy: ReliabilityPolicy) -> None:
    profile = image_qos(reliability, depth=4)
    assert (profile.reliability, profile.depth) == (policy, 4)
    assert profile.durability is DurabilityPolicy.VOLATILE
    assert profile.history is HistoryPolicy.KEEP_LAST


def test_an_unknown_reliability_is_answered_with_those_accepted() -> None:
    with pytest.raises(ValueError, match="'fast' is unknown; accepted: reliable, best_effort"):
        image_qos('fast')


def test_heartbeats_are_reliable_and_dds_notices_who_sends_none_for_a_second() -> None:
    assert HEARTBEAT.reliability is ReliabilityPolicy.RELIABLE
    assert HEARTBEAT.liveliness is LivelinessPolicy.AUTOMATIC
    assert HEARTBEAT.liveliness_lease_duration.nanoseconds == SECOND


def test_no_event_is_lost_and_labels_and_records_reach_late_subscribers() -> None:
    assert EVENTS.reliability is LATCHED.reliability is ReliabilityPolicy.RELIABLE
    assert EVENTS.durability is DurabilityPolicy.VOLATILE
    assert LATCHED.durability is DurabilityPolicy.TRANSIENT_LOCAL
