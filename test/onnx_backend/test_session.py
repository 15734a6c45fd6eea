# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime computes with memory that is ours, if it is told to."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from restage.onnx_backend.graph import line_of
from restage.onnx_backend.network import OnnxNetwork

from .conftest import GRAPHS


@pytest.mark.parametrize('name', ['residual', 'pyramid', 'transformer'])
def test_every_weight_that_is_written_to_is_computed_with(name, picture):
    found = OnnxNetwork(line_of(GRAPHS[name]()), picture, live=True)
    (session,) = found.parts(())
    inputs = {'x': picture}
    clean = [tensor.clone() for tensor in session.run(inputs)]
    dead = []
    for weight_name, weight in found.weights.items():
        kept = weight.clone()
        weight.mul_(1.5).add_(1.0)
        if all(map(torch.equal, session.run(inputs), clean)):
            dead.append(weight_name)
        weight.copy_(kept)
    # The scales of Resize are read once, when the session begins; they are no weights.
    assert [one for one in dead if found.weights[one].ndim > 1] == []
    assert all(map(torch.equal, session.run(inputs), clean))


def test_packed_weights_are_not_ours(picture):
    found = OnnxNetwork(line_of(GRAPHS['residual']()), picture, live=False)
    (session,) = found.parts(())
    inputs = {'x': picture}
    (clean,) = session.run(inputs)
    assert found.weights == {}
    assert session.weights == ()
    assert torch.equal(session.run(inputs)[0], clean)


def test_weights_that_moved_are_found_after_forget(picture):
    found = OnnxNetwork(line_of(GRAPHS['residual']()), picture, live=True)
    (session,) = found.parts(())
    inputs = {'x': picture}
    (clean,) = session.run(inputs)
    for weight in found.weights.values():
        weight.data = torch.zeros_like(weight)
    assert torch.equal(session.run(inputs)[0], clean)
    session.forget()
    assert not torch.equal(session.run(inputs)[0], clean)


def test_a_tensor_in_another_memory_order_gives_the_same_bits(picture):
    found = OnnxNetwork(line_of(GRAPHS['residual']()), picture, live=True)
    (session,) = found.parts(())
    one = picture
    other = one.to(memory_format=torch.channels_last)
    assert other.stride() != one.stride()
    made = session.run({'x': one})[0], session.run({'x': other})[0]
    assert torch.equal(*made)
    assert np.isfinite(made[0].numpy()).all()
