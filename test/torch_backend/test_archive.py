# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Programs that would run something where they are loaded or cut: each does with torch alone."""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from restage.detector.errors import ModelError
from restage.torch_backend.archive import PROGRAM
from restage.torch_backend.program import export, load_program

CONSTANTS = 'data/constants/model_constants_config.json'
OPAQUE = {'path_name': 'opaque_obj_0', 'is_param': False, 'use_pickle': True, 'tensor_meta': None}


@pytest.fixture(scope='module')
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp('program') / 'good.pt2'
    torch.export.save(export(torch.nn.Linear(2, 2), torch.zeros(1, 2)), path)
    return path


def changed(
    good: Path, record: str, change: Callable[[Any], Any], more: tuple[str, bytes] | None = None
) -> Path:
    """Return a copy with one record changed, and one more."""
    path = good.with_name('changed.pt2')
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, 'w') as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith(f'/{record}'):
                content = json.loads(data)
                change(content)
                data = json.dumps(content).encode()
            new.writestr(name, data)
        if more is not None:
            new.writestr(f'good/{more[0]}', more[1])
    return path


class Evil:
    """Makes a file where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.mark),)


def shape(program: Any, call: str) -> None:
    sizes = program['graph_module']['graph']['tensor_values']['linear']['sizes']
    sizes[0] = {'as_expr': {'expr_str': call, 'hint': None}}


def guard(program: Any, call: str) -> None:
    program['guards_code'] = [call]


def enum(program: Any, _: str) -> None:
    context = json.dumps({'__enum__': True, 'fqn': 'antigravity:x', 'name': 'y'})
    node = {'type': 'builtins.dict', 'context': context, 'children_spec': []}
    program['graph_module']['module_call_graph'][0]['signature']['in_spec'] = json.dumps([1, node])


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        (shape, 'a shape that is not fixed'),
        (guard, 'conditions on its input that are code'),
        (enum, 'something else than tensors'),
    ],
)
def test_no_text_of_a_program_is_run(change, said: str, good: Path, tmp_path: Path) -> None:
    mark = tmp_path / 'mark'
    call = f"__import__('os').mkdir('{mark}')"
    path = changed(good, PROGRAM, lambda program: change(program, call))
    with pytest.raises(ModelError, match=said):
        load_program(path)
    assert not mark.exists()


def test_no_object_in_a_program_is_unpickled(good: Path, tmp_path: Path) -> None:
    mark = tmp_path / 'mark'
    more = ('data/constants/opaque_obj_0', pickle.dumps(Evil(mark)))
    path = changed(good, CONSTANTS, lambda config: config['config'].update(c=OPAQUE), more)
    with pytest.raises(ModelError, match=f"it holds '{more[0]}'"):
        load_program(path)
    assert not mark.exists()


@pytest.mark.parametrize('name', ['data/aotinductor/model/x.so', 'DATA/CONSTANTS/OPAQUE_OBJ_0'])
def test_a_record_that_no_such_program_has_is_refused(name: str, good: Path) -> None:
    path = changed(good, PROGRAM, lambda _: None, (name, b'\x7fELF'))
    with pytest.raises(ModelError, match=f"it holds '{name}'"):
        load_program(path)


def test_what_was_saved_is_loaded(good: Path) -> None:
    (weight, bias) = load_program(good).state_dict.values()
    assert weight.shape == (2, 2)
    assert bias.shape == (2,)
