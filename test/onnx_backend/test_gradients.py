# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Gradients of an ONNX graph are those of what ONNX Runtime computes."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
import torch

from restage.detector.errors import ModelError
from restage.onnx_backend import gradients
from restage.onnx_backend.graph import line_of
from restage.onnx_backend.network import OnnxNetwork

from .conftest import GRAPHS


@pytest.mark.parametrize('name', ['residual', 'pyramid', 'transformer'])
def test_they_say_how_the_outputs_move_with_the_weights(name, picture):
    pytest.importorskip(gradients.CONVERTER, reason='see requirements/campaign.txt')
    found = OnnxNetwork(line_of(GRAPHS[name]()), picture)
    slopes = found.gradients([picture, picture])
    assert set(slopes) == set(found.weights)
    (whole,) = found.parts(())
    generator = torch.Generator().manual_seed(1)
    names = [one for one in slopes if found.weights[one].ndim > 1]
    ways = {one: torch.randn(slopes[one].shape, generator=generator) * 1e-4 for one in names}

    def total(share: float) -> float:
        for one, way in ways.items():
            found.weights[one] += share * way
        made = sum(float(output.double().sum()) for output in whole.run({found.picture: picture}))
        for one, way in ways.items():
            found.weights[one] -= share * way
        return made

    moved = total(1.0) - total(-1.0)
    # Twice the picture, there and back: the derivative along the way, four times over two.
    expected = sum(float((slopes[one] * way).sum()) for one, way in ways.items())
    assert abs(expected) > 1e-4
    assert moved == pytest.approx(expected, rel=0.02)


def converted_to(monkeypatch: pytest.MonkeyPatch, convert: object) -> None:
    monkeypatch.setitem(sys.modules, 'a_converter', SimpleNamespace(convert=convert))
    monkeypatch.setattr(gradients, 'CONVERTER', 'a_converter')


class Other(torch.nn.Module):
    """Has the weights of a graph, and does something else with them."""

    def __init__(self, model):
        super().__init__()
        from onnx import numpy_helper

        for number, item in enumerate(model.graph.initializer):
            values = torch.from_numpy(numpy_helper.to_array(item).copy())
            self.register_buffer(f'b{number}', values)

    def forward(self, x):
        return torch.nn.functional.conv2d(x, self.b0, self.b1)[:, :6, :16, :16] + 1e6


def test_a_conversion_that_computes_something_else_is_not_believed(picture, monkeypatch):
    found = OnnxNetwork(line_of(GRAPHS['residual']()), picture)
    converted_to(monkeypatch, Other)
    with pytest.raises(ModelError, match='converted to PyTorch, its outputs differ by'):
        found.gradients([picture])
    converted_to(monkeypatch, lambda _: torch.nn.ReLU())
    with pytest.raises(ModelError, match='a_converter has not kept every weight'):
        found.gradients([picture])


def test_why_there_are_none_is_said(picture, monkeypatch):
    found = OnnxNetwork(line_of(GRAPHS['residual']()), picture)

    def convert(_):
        raise NotImplementedError('Operator Foo')

    converted_to(monkeypatch, convert)
    with pytest.raises(ModelError, match='a_converter cannot convert it: Operator Foo'):
        found.gradients([picture])
    monkeypatch.setattr(gradients, 'CONVERTER', 'not_installed')
    with pytest.raises(ModelError, match='need the package not_installed'):
        found.gradients([picture])
