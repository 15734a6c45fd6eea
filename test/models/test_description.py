# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a YAML file may say about a model, and what is said about one that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from restage.config import config_folder
from restage.detector.errors import ModelError
from restage.models.description import description_for, load_description

GOOD: dict[str, Any] = {
    'schema': 1,
    'file': 'net.onnx',
    'input': {'size': [64, 32]},
    'decoder': {'kind': 'yolov8'},
    'classes': ['a', 'b'],
}


def write(folder: Path, name: str = 'net.yaml', **changes: object) -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump({**GOOD, **changes}))
    return path


def test_what_is_left_out_has_a_default(tmp_path):
    found = load_description(write(tmp_path))
    assert (found.name, found.file, found.live) == ('net', tmp_path / 'net.onnx', True)
    assert (found.input.size, found.input.colour, found.input.fit) == ((64, 32), 'rgb', 'letterbox')
    assert (found.stages, found.cuts, found.outputs) == (6, None, ())
    assert (found.selection.score, found.selection.overlap) == (0.4, 0.5)
    assert found.classes == ('a', 'b')


def test_all_that_is_said_is_heard(tmp_path):
    (tmp_path / 'names.txt').write_text('car\n\n truck \n')
    data = {
        'name': 'mine',
        'weights': 'packed',
        'input': {'size': [8, 8], 'colour': 'bgr', 'fit': 'stretch', 'pad': 0, 'scale': 1,
                  'mean': [1, 2, 3], 'std': [4, 5, 6]},
        'stages': {'cuts': ['p', 'q']},
        'decoder': {'kind': 'detr', 'outputs': ['l', 'b'], 'score': 0.7},
        'classes_file': 'names.txt',
    }  # fmt: skip
    path = write(tmp_path, **data)
    raw = yaml.safe_load(path.read_text())
    del raw['classes']
    path.write_text(yaml.safe_dump(raw))
    found = load_description(path)
    assert (found.name, found.live, found.cuts) == ('mine', False, ('p', 'q'))
    assert (found.input.fit, list(found.input.std)) == ('stretch', [4, 5, 6])
    assert (found.outputs, found.selection.score) == (('l', 'b'), 0.7)
    assert found.selection.overlap == 1.0  # of the kind
    assert found.classes == ('car', 'truck')


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'schema': 2}, r'\$\.schema: 1 was expected'),
        ({'sise': 1}, r"\$: Additional properties are not allowed \('sise'"),
        ({'input': {'size': [64]}}, r'\$\.input\.size: '),
        ({'input': {'size': [64, 4]}}, r'\$\.input\.size\[1\]: 4 is less than'),
        ({'input': {'size': [64, 64], 'colour': 'yuv'}}, r"\$\.input\.colour: 'yuv' is not one"),
        ({'input': {'size': [64, 64], 'mean': [0]}}, r'\$\.input\.mean'),
        ({'decoder': {}}, r"\$\.decoder: 'kind' is a required"),
        ({'decoder': {'kind': 'yolo'}}, r"\$\.decoder\.kind: 'yolo' is not one of"),
        ({'decoder': {'kind': 'detr', 'score': 2}}, r'\$\.decoder\.score: 2 is greater'),
        ({'stages': {'count': 0}}, r'\$\.stages\.count: 0 is less'),
        ({'classes': []}, r'\$\.classes: '),
        ({'classes_file': 'x'}, "both 'classes' and 'classes_file'"),
        ({'weights': 'dead'}, r"\$\.weights: 'dead' is not one of"),
    ],
)
def test_the_key_that_is_wrong_is_named(tmp_path, changes, message):
    with pytest.raises(ModelError, match=message) as caught:
        load_description(write(tmp_path, **changes))
    assert 'net.yaml' in str(caught.value)


@pytest.mark.parametrize(
    'text',
    ['', '[]', 'schema: [', '!!int x', '\x00', 'a: &a [*a]', pytest.param('{' * 2000, id='deep')],
)
def test_what_is_no_description_is_refused(tmp_path, text):
    path = tmp_path / 'net.yaml'
    path.write_text(text)
    with pytest.raises(ModelError, match=r'net\.yaml'):
        load_description(path)


def test_names_of_classes_are_looked_for_beside_it(tmp_path):
    path = write(tmp_path, classes_file='nowhere.txt')
    data = yaml.safe_load(path.read_text())
    del data['classes']
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(ModelError, match=r'classes_file: .*nowhere\.txt'):
        load_description(path)


def test_the_description_of_an_onnx_file_is_beside_it_or_bundled(tmp_path):
    model = tmp_path / 'fastestdet_coco.onnx'
    with pytest.raises(ModelError, match='does not exist'):
        description_for(model)
    model.write_bytes(b'')
    found = description_for(model)
    assert (found.kind, found.file, len(found.classes)) == ('fastestdet', model, 80)
    write(tmp_path, 'fastestdet_coco.yaml')
    assert description_for(model).kind == 'yolov8'
    other = tmp_path / 'other.onnx'
    other.write_bytes(b'')
    with pytest.raises(ModelError, match=r"accepted: a description in '.*other\.yaml'"):
        description_for(other)


def test_a_description_without_a_file_needs_one(tmp_path):
    path = write(tmp_path)
    data = yaml.safe_load(path.read_text())
    del data['file']
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(ModelError, match="'file' is a required property"):
        load_description(path)


def test_it_is_saved_with_its_cuts(tmp_path):
    found = load_description(write(tmp_path))
    target = tmp_path / 'elsewhere'
    target.mkdir()
    found.save(['a', 'b'], target / 'saved.yaml')
    again = load_description(target / 'saved.yaml')
    assert again.cuts == ('a', 'b')
    assert (again.name, again.file) == (found.name, found.file.resolve())
    assert (again.input, again.selection, again.classes) == (
        found.input,
        found.selection,
        found.classes,
    )


@pytest.mark.parametrize('path', sorted((config_folder() / 'models').glob('*.yaml')))
def test_the_bundled_descriptions_are_valid(path, tmp_path):
    assert load_description(path, tmp_path / 'm.onnx').classes
