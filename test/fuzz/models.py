# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Model files. What is a number in them is left alone: their headers and graphs are changed."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from restage.detector.errors import ModelError
from restage.detector.weights import load_network
from restage.onnx_backend.cuts import borders
from restage.onnx_backend.graph import load_line
from restage.sampling.classifier.weights import FOLDER, load_classifier
from restage.shipped import SHIPPED
from restage.torch_backend.archive import PROGRAM
from restage.torch_backend.program import export, load_program

from .target import Read, Target

# An input that begins like this is the whole file.
WHOLE = b'#'
RESNET = FOLDER / 'resnet.safetensors'


def _tensors(good: Path, load: Callable[[Path], object]) -> Read:
    """Return a reader of safetensors; an input is their header, the numbers are those of good."""

    def read(data: bytes, folder: Path) -> object:
        path = folder / 'm.safetensors'
        if data.startswith(WHOLE):
            path.write_bytes(data[len(WHOLE) :])
        else:
            path.write_bytes(struct.pack('<Q', len(data)) + data + _parts(good)[1])
        return load(path)

    return read


@cache
def _parts(path: Path) -> tuple[bytes, bytes]:
    """Return header and numbers."""
    content = path.read_bytes()
    (size,) = struct.unpack_from('<Q', content)
    return content[8 : 8 + size], content[8 + size :]


def _headers(path: Path) -> Callable[[Path], list[bytes]]:
    return lambda _: [_parts(path)[0], WHOLE + path.read_bytes()[:4096]]


@cache
def _program() -> bytes:
    import torch

    content = io.BytesIO()
    torch.export.save(export(torch.nn.Linear(2, 2), torch.zeros(1, 2)), content)
    return content.getvalue()


def _programs(_folder: Path) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(_program())) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(f'/{PROGRAM}'))
        return [archive.read(name), WHOLE + _program()]


def _load_program(data: bytes, folder: Path) -> object:
    """Read a program; an input is its text, the rest of the archive is good."""
    path = folder / 'm.pt2'
    if data.startswith(WHOLE):
        path.write_bytes(data[len(WHOLE) :])
    else:
        with (
            zipfile.ZipFile(io.BytesIO(_program())) as old,
            zipfile.ZipFile(path, 'w') as new,
        ):
            for name in old.namelist():
                new.writestr(name, data if name.endswith(f'/{PROGRAM}') else old.read(name))
    return load_program(path)


def _graphs(_folder: Path) -> list[bytes]:
    import onnx
    from onnx import TensorProto, helper

    def value(name: str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2])

    weight = helper.make_tensor('w', TensorProto.FLOAT, [1, 2], [1.0, 2.0])
    outside = helper.make_tensor('w', TensorProto.FLOAT, [1, 2], [1.0, 2.0])
    outside.ClearField('float_data')
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key='location', value='../weights')
    inner = [
        helper.make_graph([helper.make_node(kind, ['z', 'w'], [kind])], kind, [], [value(kind)])
        for kind in ('Add', 'Mul')
    ]
    nodes = [
        helper.make_node('Constant', [], ['one'], value=weight),
        helper.make_node('Add', ['x', 'w'], ['z']),
        helper.make_node('ReduceSum', ['z'], ['sum'], keepdims=0),
        helper.make_node('Cast', ['sum'], ['yes'], to=TensorProto.BOOL),
        helper.make_node('If', ['yes'], ['y'], then_branch=inner[0], else_branch=inner[1]),
    ]
    return [
        helper.make_model(
            helper.make_graph(nodes, 'g', [value('x')], [value('y')], [one])
        ).SerializeToString()
        for one in (weight, outside)
    ]


def _load_graph(data: bytes, folder: Path) -> object:
    path = folder / 'm.onnx'
    path.write_bytes(data)
    return borders(load_line(path))


TARGETS = {
    'onnx': Target(_load_graph, (ModelError,), _graphs, 'onnx'),
    'safetensors': Target(
        _tensors(SHIPPED['bundled-hardened'], load_network),
        (ModelError,),
        _headers(SHIPPED['bundled-hardened']),
        'safetensors',
    ),
    'classifier': Target(
        _tensors(RESNET, lambda path: load_classifier('resnet', path)),
        (ModelError,),
        _headers(RESNET),
        'safetensors',
    ),
    'pt2': Target(_load_program, (ModelError,), _programs, 'json'),
}
