# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Graphs of the kinds that detectors are made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

SIZE = 32


class Maker:
    """Builds a graph node by node; weights are random, but the same every time."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(5)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, *shape: int) -> str:
        name = f'w{len(self.weights)}'
        values = self._rng.standard_normal(shape).astype(np.float32) * 0.3
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def constant(self, values: np.ndarray) -> str:
        name = f'c{len(self.weights)}'
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def node(self, kind: str, *inputs: str, out: str = '', **attributes: object) -> str:
        out = out or f'{kind.lower()}{len(self.nodes)}'
        self.nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def conv(self, x: str, inside: int, outside: int, stride: int = 1, size: int = 3) -> str:
        pad = size // 2
        weight, bias = self.weight(outside, inside, size, size), self.weight(outside)
        made = self.node(
            'Conv', x, weight, bias, strides=[stride, stride], pads=[pad, pad, pad, pad]
        )
        return self.node('Relu', made)

    def model(self, outputs: list[str], shape: list[object], rank: int = 4) -> onnx.ModelProto:
        described = [
            helper.make_tensor_value_info(
                name, TensorProto.FLOAT, [f'{name}{n}' for n in range(rank)]
            )
            for name in outputs
        ]
        graph = helper.make_graph(
            self.nodes,
            'test',
            [helper.make_tensor_value_info('x', TensorProto.FLOAT, shape)],
            described,
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
        model.ir_version = 9
        onnx.checker.check_model(model)
        return model


def residual(shape: list[object]) -> onnx.ModelProto:
    make = Maker()
    x = make.conv('x', 3, 8, 2)
    for _ in range(4):
        y = make.conv(make.conv(x, 8, 8), 8, 8)
        x = make.node('Add', x, y)
        x = make.node('Relu', x)
    return make.model([make.conv(x, 8, 6)], shape)


def pyramid(shape: list[object]) -> onnx.ModelProto:
    """Three levels and a way back up: as many outputs, tensors that live long."""
    make = Maker()
    c1 = make.conv(make.conv('x', 3, 8, 2), 8, 8)
    c2 = make.conv(make.conv(c1, 8, 16, 2), 16, 16)
    c3 = make.conv(make.conv(c2, 16, 16, 2), 16, 16)
    scales = make.constant(np.array([1, 1, 2, 2], np.float32))
    p3 = make.conv(c3, 16, 8, size=1)
    up = make.node('Resize', p3, '', scales, mode='nearest')
    p2 = make.node('Add', make.conv(c2, 16, 8, size=1), up)
    up = make.node('Resize', p2, '', scales, mode='nearest')
    p1 = make.node('Add', make.conv(c1, 8, 8, size=1), up)
    return make.model([make.conv(p, 8, 6) for p in (p1, p2, p3)], shape)


def transformer(shape: list[object]) -> onnx.ModelProto:
    """Patches, two blocks of attention and layer normalisation, two heads."""
    make, wide = Maker(), 16
    x = make.node('Conv', 'x', make.weight(wide, 3, 8, 8), strides=[8, 8])
    x = make.node('Reshape', x, make.constant(np.array([1, wide, -1], np.int64)))
    x = make.node('Transpose', x, perm=[0, 2, 1])
    for _ in range(2):
        n = make.node('LayerNormalization', x, make.weight(wide), make.weight(wide))
        q, k, v = (make.node('MatMul', n, make.weight(wide, wide)) for _ in range(3))
        k = make.node('Transpose', k, perm=[0, 2, 1])
        scale = make.constant(np.array(wide**-0.5, np.float32))
        scores = make.node('Softmax', make.node('Mul', make.node('MatMul', q, k), scale), axis=-1)
        x = make.node('Add', x, make.node('MatMul', scores, v))
        n = make.node('LayerNormalization', x, make.weight(wide), make.weight(wide))
        n = make.node('Add', make.node('MatMul', n, make.weight(wide, 32)), make.weight(32))
        n = make.node('Mul', n, make.node('Sigmoid', n))
        x = make.node('Add', x, make.node('MatMul', n, make.weight(32, wide)))
    logits = make.node('MatMul', x, make.weight(wide, 4), out='logits')
    boxes = make.node('Sigmoid', make.node('MatMul', x, make.weight(wide, 4)), out='boxes')
    return make.model([logits, boxes], shape, rank=3)


FIXED: list[object] = [1, 3, SIZE, SIZE]
DYNAMIC: list[object] = ['batch', 3, 'height', 'width']
GRAPHS: dict[str, Callable[[], onnx.ModelProto]] = {
    'residual': lambda: residual(FIXED),
    'pyramid': lambda: pyramid(FIXED),
    'transformer': lambda: transformer(FIXED),
    'residual, dynamic': lambda: residual(DYNAMIC),
    'pyramid, dynamic': lambda: pyramid(DYNAMIC),
}


@pytest.fixture
def picture() -> torch.Tensor:
    return torch.rand((1, 3, SIZE, SIZE), generator=torch.Generator().manual_seed(3))
