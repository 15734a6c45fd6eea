# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Pieces of a graph, run one after another, are the graph: to the last bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from restage.cutting.balance import by_arithmetic
from restage.cutting.timing import by_measurement, part_times
from restage.cutting.verify import differing, run_parts
from restage.detector.errors import ModelError
from restage.onnx_backend.graph import line_of, load_line
from restage.onnx_backend.network import OnnxNetwork

from .conftest import GRAPHS, SIZE

FASTESTDET = Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'fastestdet_coco.onnx'
NAMES = list(GRAPHS)


def graph(name: str, picture: torch.Tensor) -> OnnxNetwork:
    return OnnxNetwork(line_of(GRAPHS[name]()), picture)


@pytest.mark.parametrize('stages', [2, 4, 6])
@pytest.mark.parametrize('name', NAMES)
def test_the_pieces_make_the_bits_of_the_whole(name, stages, picture):
    found = graph(name, picture)
    cuts = by_arithmetic(found, stages)
    assert 1 <= len(cuts) < stages
    assert differing(found, cuts, picture) == []
    assert differing(found, cuts, picture.flip(2) * 2 - 1) == []


@pytest.mark.parametrize('name', NAMES)
def test_cut_everywhere_it_is_the_same_too(name, picture):
    found = graph(name, picture)
    assert len(found.cuts) > 3
    assert differing(found, found.cuts, picture) == []


@pytest.mark.parametrize('name', NAMES)
def test_the_whole_is_what_onnx_runtime_makes_of_the_file(name, picture):
    """But for rounding: without copies of the weights it takes other kernels."""
    found = graph(name, picture)
    session = onnxruntime.InferenceSession(
        GRAPHS[name]().SerializeToString(), providers=['CPUExecutionProvider']
    )
    expected = dict(zip(found.outputs, session.run(None, {'x': picture.numpy()}), strict=True))
    made = run_parts(found, by_arithmetic(found, 4), picture)
    assert set(made) == set(expected)
    for output, value in expected.items():
        near = 1e-5 * np.abs(value).max()
        np.testing.assert_allclose(made[output].numpy(), value, rtol=1e-4, atol=near)


def test_a_graph_with_dynamic_axes_takes_pictures_of_another_size(picture):
    found = graph('pyramid, dynamic', picture)
    larger = torch.rand(2, 3, 2 * SIZE, SIZE)
    assert differing(found, by_arithmetic(found, 4), larger) == []


def test_cuts_by_measurement_are_cuts_too(picture):
    found = graph('residual', picture)
    cuts = by_measurement(found, 4)
    assert cuts
    assert set(cuts) <= set(found.cuts)
    assert len(part_times(found, cuts, runs=2)) == len(cuts) + 1


def test_what_is_alive_is_handed_over_and_nothing_else(picture):
    found = graph('pyramid', picture)
    cuts = by_arithmetic(found, 5)
    pieces = found.parts(cuts)
    known = {'x'}
    for piece in pieces:
        assert set(piece.inputs) <= known
        known.update(piece.outputs)
    assert set(found.outputs) <= known
    read = {name for piece in pieces for name in piece.inputs} | set(found.outputs)
    assert all(set(piece.outputs) <= read for piece in pieces)


def test_cuts_have_names_and_a_name_that_is_none_is_refused(picture):
    found = graph('residual', picture)
    cuts = by_arithmetic(found, 4)
    assert found.named([cut.name for cut in reversed(cuts)]) == cuts
    with pytest.raises(ModelError, match="no cut behind 'nose'; accepted: relu"):
        found.named(['nose'])


def test_a_subgraph_keeps_what_it_captures(picture):
    """The branches of an If read tensors of the graph around them."""
    make = onnx.helper
    branch = [
        make.make_graph(
            [make.make_node(kind, ['r'], [f'{kind}_out'])],
            kind,
            [],
            [make.make_tensor_value_info(f'{kind}_out', 1, list('abcd'))],
        )
        for kind in ('Abs', 'Neg')
    ]
    nodes = [
        make.make_node('Sigmoid', ['x'], ['r']),
        make.make_node('ReduceMax', ['x'], ['m'], keepdims=0),
        make.make_node('Cast', ['m'], ['b'], to=9),
        make.make_node('Sigmoid', ['r'], ['s']),
        make.make_node('If', ['b'], ['i'], then_branch=branch[0], else_branch=branch[1]),
        make.make_node('Add', ['i', 's'], ['y']),
    ]
    info = make.make_tensor_value_info
    body = make.make_graph(nodes, 'g', [info('x', 1, [1, 3, 4, 4])], [info('y', 1, list('abcd'))])
    model = make.make_model(body, opset_imports=[make.make_opsetid('', 17)])
    model.ir_version = 9
    small = picture[:, :, :4, :4].contiguous()
    found = OnnxNetwork(line_of(model), small)
    assert any('r' in cut.tensors for cut in found.cuts)
    assert differing(found, found.cuts, small) == []


@pytest.mark.parametrize(
    ('content', 'message'),
    [(None, 'does not exist'), (b'', 'is no valid ONNX model'), (b'nonsense', 'is no valid ONNX')],
)
def test_a_file_that_is_none_is_refused(content, message, tmp_path):
    path = tmp_path / 'm.onnx'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=message):
        load_line(path)


def test_a_graph_that_does_not_run_is_refused(picture):
    line = line_of(GRAPHS['residual']())
    with pytest.raises(ModelError, match='does not run'):
        OnnxNetwork(line, picture[:, :2].contiguous())


@pytest.mark.skipif(not FASTESTDET.exists(), reason=f'needs {FASTESTDET}')
@pytest.mark.parametrize('stages', [3, 6, 10])
def test_a_real_detector_is_cut_to_the_bit(stages):
    line = load_line(FASTESTDET)
    picture = torch.rand(1, 3, 352, 352, generator=torch.Generator().manual_seed(1))
    found = OnnxNetwork(line, picture)
    cuts = by_arithmetic(found, stages)
    assert len(cuts) == stages - 1
    assert differing(found, cuts, picture) == []
