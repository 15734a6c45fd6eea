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

from restage.detector.errors import ModelError
from restage.onnx_backend.graph import line_of, load_line
from restage.onnx_backend.split import Graph, by_arithmetic, study
from restage.onnx_backend.timing import by_measurement, piece_times
from restage.onnx_backend.verify import differing, run_pieces

from .conftest import GRAPHS, SIZE

FASTESTDET = Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'fastestdet_coco.onnx'
NAMES = list(GRAPHS)


def graph(name: str, picture: np.ndarray) -> Graph:
    return study(line_of(GRAPHS[name]()), {'x': picture})


def tensors(picture: np.ndarray) -> dict[str, torch.Tensor]:
    return {'x': torch.from_numpy(picture)}


@pytest.mark.parametrize('stages', [2, 4, 6])
@pytest.mark.parametrize('name', NAMES)
def test_the_pieces_make_the_bits_of_the_whole(name, stages, picture):
    found = graph(name, picture)
    cuts = by_arithmetic(found, stages)
    assert 1 <= len(cuts) < stages
    assert differing(found, cuts, tensors(picture), live=True) == []
    other = np.ascontiguousarray(picture[:, :, ::-1] * 2 - 1)
    assert differing(found, cuts, tensors(other), live=True) == []


@pytest.mark.parametrize('name', NAMES)
def test_cut_everywhere_it_is_the_same_too(name, picture):
    found = graph(name, picture)
    assert len(found.cuts) > 3
    assert differing(found, found.cuts, tensors(picture), live=True) == []


@pytest.mark.parametrize('name', NAMES)
def test_the_whole_is_what_onnx_runtime_makes_of_the_file(name, picture):
    """But for rounding: without copies of the weights it takes other kernels."""
    found = graph(name, picture)
    session = onnxruntime.InferenceSession(
        GRAPHS[name]().SerializeToString(), providers=['CPUExecutionProvider']
    )
    expected = dict(zip(found.line.outputs, session.run(None, {'x': picture}), strict=True))
    made = run_pieces(found, by_arithmetic(found, 4), tensors(picture), live=True)
    assert set(made) == set(expected)
    for output, value in expected.items():
        near = 1e-5 * np.abs(value).max()
        np.testing.assert_allclose(made[output].numpy(), value, rtol=1e-4, atol=near)


def test_a_graph_with_dynamic_axes_takes_pictures_of_another_size(picture):
    found = graph('pyramid, dynamic', picture)
    larger = np.random.default_rng(4).random((2, 3, 2 * SIZE, SIZE), dtype=np.float32)
    assert differing(found, by_arithmetic(found, 4), tensors(larger), live=True) == []


def test_cuts_by_measurement_are_cuts_too(picture):
    found = graph('residual', picture)
    cuts = by_measurement(found, 4, live=True)
    assert cuts
    assert set(cuts) <= set(found.cuts)
    assert len(piece_times(found, cuts, live=True, runs=2)) == len(cuts) + 1


def test_what_is_alive_is_handed_over_and_nothing_else(picture):
    found = graph('pyramid', picture)
    cuts = by_arithmetic(found, 5)
    pieces = found.pieces(cuts)
    known = {'x'}
    for piece in pieces:
        assert set(piece.inputs) <= known
        known.update(piece.outputs)
    assert set(found.line.outputs) <= known
    read = {name for piece in pieces for name in piece.inputs} | set(found.line.outputs)
    assert all(set(piece.outputs) <= read for piece in pieces)
    made = [node.output[0] for piece in pieces for node in piece.model.graph.node]
    assert sorted(made) == sorted(node.output[0] for node in found.line.model.graph.node)


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
    small = np.ascontiguousarray(picture[:, :, :4, :4])
    found = study(line_of(model), {'x': small})
    assert any('r' in cut.tensors for cut in found.cuts)
    assert differing(found, found.cuts, tensors(small), live=True) == []


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
        study(line, {'x': np.ascontiguousarray(picture[:, :2])})


@pytest.mark.skipif(not FASTESTDET.exists(), reason=f'needs {FASTESTDET}')
@pytest.mark.parametrize('stages', [3, 6, 10])
def test_a_real_detector_is_cut_to_the_bit(stages):
    line = load_line(FASTESTDET)
    values = np.random.default_rng(1).random((1, 3, 352, 352), dtype=np.float32)
    found = study(line, {'input.1': values})
    cuts = by_arithmetic(found, stages)
    assert len(cuts) == stages - 1
    assert differing(found, cuts, {'input.1': torch.from_numpy(values)}, live=True) == []
