# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The detector as ncnn's two files, written from its ONNX graph."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from restage.study.models.attributes import attributes

MAGIC = '7767517'
_RAW_FLOAT32 = b'\0\0\0\0'


def write_ncnn(model: onnx.ModelProto, param: Path, weights: Path) -> None:
    """
    Write the graph to ``param`` and its weights to ``weights``.

    Knows Conv, Relu, Add and Resize (nearest, by a constant factor): what the detector is made of.

    :raises ValueError: for any other operation.
    :raises OSError: when a file cannot be written.

    Source: ncnn's wiki, "param and model file structure".
    """
    constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type == 'Constant':
            constants[node.output[0]] = numpy_helper.to_array(attributes(node)['value'])
        else:
            nodes.append(node)
    uses = Counter(name for node in nodes for name in node.input if name not in constants)
    names = {one.name for one in model.graph.input} - set(constants)
    lines: list[str] = []
    blobs = 0
    pending: dict[str, list[str]] = {}

    def made(name: str) -> None:
        # A blob of ncnn has one reader: a Split makes copies by reference for more of them.
        nonlocal blobs
        if uses[name] > 1:
            copies = [f'{name}_{index}' for index in range(uses[name])]
            lines.append(f'Split split_{len(lines)} 1 {len(copies)} {name} {" ".join(copies)}')
            blobs += len(copies)
            pending[name] = copies

    def take(name: str) -> str:
        return pending[name].pop(0) if name in pending else name

    with weights.open('wb') as file:
        for name in sorted(names):
            lines.append(f'Input {name} 0 1 {name}')
            blobs += 1
            made(name)
        for node in nodes:
            kind, words = _layer(node, constants)
            inputs = [take(name) for name in node.input if name and name not in constants]
            parts = [kind, f'{kind}_{len(lines)}', str(len(inputs)), '1', *inputs, node.output[0]]
            lines.append(' '.join([*parts, *words]))
            blobs += 1
            made(node.output[0])
            if node.op_type == 'Conv':
                kernel, bias = (constants[name] for name in node.input[1:3])
                file.write(_RAW_FLOAT32 + kernel.astype('<f4').tobytes())
                file.write(bias.astype('<f4').tobytes())
    param.write_text('\n'.join([MAGIC, f'{len(lines)} {blobs}', *lines]) + '\n', encoding='ascii')


def _layer(node: onnx.NodeProto, constants: dict[str, Any]) -> tuple[str, list[str]]:
    """Return a layer's type and its parameters, by their numbers."""
    if node.op_type == 'Conv':
        found, kernel = attributes(node), constants[node.input[1]]
        top, left, bottom, right = found['pads']
        values = {
            0: kernel.shape[0], 1: kernel.shape[3], 11: kernel.shape[2],
            3: found['strides'][1], 13: found['strides'][0],
            4: left, 14: top, 15: right, 16: bottom,
            5: 1, 6: kernel.size,
        }  # fmt: skip
        return 'Convolution', [f'{key}={value}' for key, value in values.items()]
    if node.op_type == 'Relu':
        return 'ReLU', []
    if node.op_type == 'Add':
        return 'BinaryOp', ['0=0']
    if node.op_type == 'Resize':
        scales = np.asarray(constants[node.input[2]])
        return 'Interp', ['0=1', f'1={scales[2]:g}', f'2={scales[3]:g}']
    raise ValueError(f'operation {node.op_type}; accepted: Conv, Relu, Add, Resize')
