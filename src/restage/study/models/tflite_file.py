# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The detector as a LiteRT flatbuffer, written from its ONNX graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from restage.study.models.attributes import attributes

IDENTIFIER = b'TFL3'
_SCHEMA_VERSION = 3


class TfliteWriter:
    """
    Builds one subgraph; images are N x H x W x C inside, as LiteRT's kernels want them.

    Source: schema.fbs of LiteRT, in the classes that its Python package ships.
    """

    def __init__(self) -> None:
        """Begin with the empty buffer that the format asks for."""
        from ai_edge_litert import schema_py_generated as schema

        self.schema: Any = schema
        self.buffers: list[Any] = [schema.BufferT()]
        self.tensors: list[Any] = []
        self.operators: list[Any] = []
        self.codes: list[int] = []

    def tensor(
        self, name: str, shape: tuple[int, ...], data: NDArray[np.generic] | None = None
    ) -> int:
        """Add a tensor (float32, or int32 if ``data`` is); return its index."""
        made = self.schema.TensorT()
        made.name, made.shape = name, list(shape)
        integer = data is not None and data.dtype == np.int32
        made.type = self.schema.TensorType.INT32 if integer else self.schema.TensorType.FLOAT32
        made.buffer = 0
        if data is not None:
            buffer = self.schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            made.buffer = len(self.buffers)
            self.buffers.append(buffer)
        self.tensors.append(made)
        return len(self.tensors) - 1

    def operator(
        self, name: str, inputs: list[int], output: int, kind: str = '', **options: int
    ) -> None:
        """Add an operator; ``kind`` names the table of its ``options``."""
        code = getattr(self.schema.BuiltinOperator, name)
        if code not in self.codes:
            self.codes.append(code)
        made = self.schema.OperatorT()
        made.opcodeIndex, made.inputs, made.outputs = self.codes.index(code), inputs, [output]
        if kind:
            made.builtinOptionsType = getattr(self.schema.BuiltinOptions, kind)
            made.builtinOptions = getattr(self.schema, f'{kind}T')()
            for key, value in options.items():
                setattr(made.builtinOptions, key, value)
        self.operators.append(made)

    def finish(self, inputs: list[int], outputs: list[int]) -> bytes:
        """Return the file."""
        import flatbuffers

        graph = self.schema.SubGraphT()
        graph.tensors, graph.operators = self.tensors, self.operators
        graph.inputs, graph.outputs = inputs, outputs
        model = self.schema.ModelT()
        model.version, model.description = _SCHEMA_VERSION, 'roadnet'
        model.buffers, model.subgraphs = self.buffers, [graph]
        model.operatorCodes = []
        for code in self.codes:
            entry = self.schema.OperatorCodeT()
            entry.builtinCode, entry.deprecatedBuiltinCode, entry.version = code, min(code, 127), 1
            model.operatorCodes.append(entry)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), file_identifier=IDENTIFIER)
        return bytes(builder.Output())


def write_tflite(model: onnx.ModelProto, path: Path) -> None:
    """
    Write the graph to ``path``; its input and outputs keep the N x C x H x W order.

    Knows Conv, Relu, Add and Resize (nearest, by a constant factor).

    :raises ValueError: for any other operation.
    :raises OSError: when the file cannot be written.
    """
    constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    writer = TfliteWriter()
    source = next(one for one in model.graph.input if one.name not in constants)
    shape = tuple(one.dim_value for one in source.type.tensor_type.shape.dim)
    entry = writer.tensor(source.name, shape)
    known = {source.name: _turned(writer, entry, shape, (0, 2, 3, 1))}
    for node in model.graph.node:
        if node.op_type == 'Constant':
            constants[node.output[0]] = numpy_helper.to_array(attributes(node)['value'])
            continue
        known[node.output[0]] = _add(writer, node, known, constants)
    outputs = [
        _turned(writer, *known[one.name], (0, 3, 1, 2), one.name)[0] for one in model.graph.output
    ]
    path.write_bytes(writer.finish([entry], outputs))


Known = tuple[int, tuple[int, ...]]


def _turned(
    writer: TfliteWriter, index: int, shape: tuple[int, ...], order: tuple[int, ...], name: str = ''
) -> Known:
    turned = tuple(shape[axis] for axis in order)
    target = writer.tensor(name or f'turned_{index}', turned)
    axes = writer.tensor(f'order_{target}', (4,), np.array(order, np.int32))
    writer.operator('TRANSPOSE', [index, axes], target, 'TransposeOptions')
    return target, turned


def _add(
    writer: TfliteWriter, node: onnx.NodeProto, known: dict[str, Known], constants: dict[str, Any]
) -> Known:
    index, shape = known[node.input[0]]
    if node.op_type == 'Conv':
        return _convolution(writer, node, index, shape, constants)
    if node.op_type == 'Relu':
        target = writer.tensor(node.output[0], shape)
        writer.operator('RELU', [index], target)
        return target, shape
    if node.op_type == 'Add':
        target = writer.tensor(node.output[0], shape)
        writer.operator('ADD', [index, known[node.input[1]][0]], target, 'AddOptions')
        return target, shape
    if node.op_type == 'Resize':
        scales = constants[node.input[2]]
        rows, cols = int(shape[1] * scales[2]), int(shape[2] * scales[3])
        size = writer.tensor(f'size_{index}', (2,), np.array([rows, cols], np.int32))
        larger = (shape[0], rows, cols, shape[3])
        target = writer.tensor(node.output[0], larger)
        kind = 'ResizeNearestNeighborOptions'
        writer.operator('RESIZE_NEAREST_NEIGHBOR', [index, size], target, kind)
        return target, larger
    raise ValueError(f'operation {node.op_type}; accepted: Conv, Relu, Add, Resize')


def _convolution(
    writer: TfliteWriter,
    node: onnx.NodeProto,
    index: int,
    shape: tuple[int, ...],
    constants: dict[str, Any],
) -> Known:
    found = attributes(node)
    kernel = np.ascontiguousarray(constants[node.input[1]].transpose(0, 2, 3, 1))
    top, left, bottom, right = found['pads']
    if any(found['pads']):
        shape = (shape[0], shape[1] + top + bottom, shape[2] + left + right, shape[3])
        amounts = np.array([[0, 0], [top, bottom], [left, right], [0, 0]], np.int32)
        sides = writer.tensor(f'pads_{node.output[0]}', (4, 2), amounts)
        padded = writer.tensor(f'padded_{node.output[0]}', shape)
        writer.operator('PAD', [index, sides], padded, 'PadOptions')
        index = padded
    rows, cols = (
        (shape[axis + 1] - kernel.shape[axis + 1]) // found['strides'][axis] + 1 for axis in (0, 1)
    )
    made = (shape[0], rows, cols, kernel.shape[0])
    target = writer.tensor(node.output[0], made)
    writer.operator(
        'CONV_2D',
        [
            index,
            writer.tensor(f'{node.output[0]}.kernel', kernel.shape, kernel),
            writer.tensor(f'{node.output[0]}.bias', (made[3],), constants[node.input[2]]),
        ],
        target,
        'Conv2DOptions',
        padding=int(writer.schema.Padding.VALID),
        strideH=found['strides'][0],
        strideW=found['strides'][1],
        dilationHFactor=1,
        dilationWFactor=1,
    )
    return target, made
