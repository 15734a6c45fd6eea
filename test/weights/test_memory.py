# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Weights that are computed with in memory of a device: here, other memory of the host."""

from __future__ import annotations

import pytest
import torch

from restage.weights import guard as guard_module
from restage.weights.memory import DeviceMemory, HostMemory, memory_for


@pytest.fixture
def elsewhere(monkeypatch):
    """Let guards take memory apart from what they look at, as of a GPU."""
    monkeypatch.setattr(
        guard_module, 'memory_for', lambda device, golden: DeviceMemory(golden, device)
    )


def test_on_the_cpu_what_is_checked_is_the_very_memory(make_node):
    node = make_node()
    assert isinstance(memory_for(torch.device('cpu'), node.golden), HostMemory)


def test_weights_keep_value_and_order_and_are_not_what_is_looked_at(make_node, tools, elsewhere):
    node = make_node()
    assert node.intact()
    assert all(
        tools.same_bits(tensor.detach(), node.clean[name].as_strided(tensor.shape, tensor.stride()))
        for name, tensor in node.model.weights.items()
        if name not in ('a.none', 'b.gaps')
    )
    node.damage('a.conv')
    assert (node.guard._live == node.golden.data).all()  # not looked at yet


@pytest.mark.usefixtures('small_blocks', 'elsewhere')
@pytest.mark.parametrize('name', ['a.conv', 'a.scale', 'b.half', 'b.int8', 'b.grad'])
@pytest.mark.parametrize('budget_ns', [0, 1, 10**12])
def test_damage_there_is_seen_and_repaired_there(make_node, name, budget_ns):
    node = make_node(budget_ns=budget_ns)
    assert node.guard.check_all() is None
    node.damage(name)
    rounds = max(node.guard.frames_per_round, 1)
    found = [node.guard.check_next() for _ in range(rounds)] if budget_ns else []
    found.append(node.guard.check_all())
    assert {fault.names for fault in found if fault is not None} == {(name,)}
    assert node.guard.reload() == (name,)
    assert node.intact()
    assert node.guard.check_all() is None


def test_the_golden_copy_is_repaired_before_it_is_used(make_node, elsewhere):
    node = make_node()
    node.damage('a.bias')
    node.golden.writable()[0] ^= 1
    node.guard.reload()
    assert node.intact()


def test_a_model_loaded_anew_computes_there_too(make_node, tools, elsewhere):
    node = make_node()
    fresh = tools.several_kinds()
    node.guard.adopt(fresh)
    tools.flip(fresh.weights['b.turned'], 3)
    assert node.guard.check_all().names == ('b.turned',)
