# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of the nodes, over a node that only keeps them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.qos import DurabilityPolicy, HistoryPolicy, ReliabilityPolicy

from restage.nodes import detection_options, recovery_options
from restage.nodes.detection_options import DEFAULT_BOUNDARIES, boundary_indices
from restage.nodes.qos import EVENTS, LATCHED, image_qos
from restage.system import DETECTORS

STAGES = ('preprocess', 'backbone.0', 'neck')


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


def test_boundaries_are_stage_indices_and_the_image_is_before_them() -> None:
    assert boundary_indices(('neck', 'image', 'preprocess'), STAGES) == {-1, 0, 2}
    assert boundary_indices((), STAGES) == frozenset()


def test_a_boundary_that_is_no_stage_is_answered_with_those_accepted() -> None:
    with pytest.raises(ValueError) as caught:
        boundary_indices(('neck', 'head', 'tail'), STAGES)
    assert str(caught.value) == (
        "checkpoint_boundaries ['head', 'tail'] are no stages of this model; "
        'accepted: image, preprocess, backbone.0, neck'
    )


@pytest.mark.parametrize('module', [detection_options, recovery_options])
def test_every_parameter_is_described_and_every_number_has_a_range(module: Any) -> None:
    node = declared(module)
    for name, descriptor in node.descriptors.items():
        assert descriptor.description, name
        value = node.values[name]
        if isinstance(value, int | float) and not isinstance(value, bool):
            (span,) = [*descriptor.integer_range, *descriptor.floating_point_range]
            assert span.from_value <= value <= span.to_value, name


def test_the_defaults_of_the_detection_node_are_what_is_read_back() -> None:
    options = detection_options.read_options(declared(detection_options))
    assert options.model == 'bundled'
    assert options.boundaries == tuple(DEFAULT_BOUNDARIES)
    assert options.order_deadline_s == pytest.approx(0.02)
    assert options.report_stages is False


def test_parameters_of_the_detection_node_are_read_in_their_units() -> None:
    options = detection_options.read_options(
        declared(
            detection_options,
            model='/w.safetensors',
            checkpoint_boundaries=[],
            order_deadline_ms=5.0,
            queue_depth=3,
            threads=2,
            publish_stage_status=True,
        )
    )
    assert (options.model, options.boundaries) == ('/w.safetensors', ())
    assert options.order_deadline_s == pytest.approx(0.005)
    assert (options.queue_depth, options.threads, options.report_stages) == (3, 2, True)


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


def test_parameters_of_the_recovery_node_are_read_in_their_units() -> None:
    options = recovery_options.read_options(
        declared(
            recovery_options,
            detectors=['x'],
            store_capacity_mb=3,
            stage_deadline_ms=1.5,
            max_attempts=0,
        )
    )
    assert options.detectors == ['x']
    assert options.store_bytes == 3 * 1024 * 1024
    assert options.stage_deadline_ns == 1_500_000
    assert options.max_attempts == 0


@pytest.mark.parametrize('names', [[], ['a', 'a'], ['../a'], ['a', ''], ['a/b'], None])
def test_names_that_name_no_nodes_or_one_twice_are_refused(names: list[str] | None) -> None:
    node = declared(recovery_options, detectors=names)
    with pytest.raises(ValueError, match='give one or more different node names'):
        recovery_options.read_options(node)


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


def test_no_event_is_lost_and_labels_and_records_reach_late_subscribers() -> None:
    assert EVENTS.reliability is LATCHED.reliability is ReliabilityPolicy.RELIABLE
    assert EVENTS.durability is DurabilityPolicy.VOLATILE
    assert LATCHED.durability is DurabilityPolicy.TRANSIENT_LOCAL
