# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the package must never do with a file or a string that somebody else wrote."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([*(ROOT / 'src').rglob('*.py'), *(ROOT / 'tools').rglob('*.py')])
MODULES = {'pickle', 'cPickle', 'marshal', 'shelve', 'dill', 'cloudpickle', 'joblib', 'telnetlib'}
CALLS = {
    'eval',
    'exec',
    'os.system',
    'os.popen',
    'tempfile.mktemp',
    'yaml.load',
    'yaml.load_all',
    'yaml.full_load',
    'yaml.unsafe_load',
    'pd.read_pickle',
}
# Safe with this value of this argument; then what it is by default, of the oldest version.
WITH = {
    'torch.load': ('weights_only', True),
    'np.load': ('allow_pickle', False),
}
DEFAULTS = {'torch.load': ast.Constant(False), 'np.load': ast.Constant(False)}


def broken_rules(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Give line and rule of everything in ``tree`` that is not allowed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module or '' if isinstance(node, ast.ImportFrom) else ''
            names = {name.name.split('.')[0] for name in node.names} | {module.split('.')[0]}
            yield from ((node.lineno, f'import {name}') for name in sorted(names & MODULES))
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            given = {word.arg: word.value for word in node.keywords}
            if name in CALLS:
                yield node.lineno, name
            wanted = WITH.get(name)
            if wanted is not None:
                value = given.get(wanted[0], DEFAULTS[name])
                if not (isinstance(value, ast.Constant) and value.value is wanted[1]):
                    yield node.lineno, f'{name} without {wanted[0]}={wanted[1]}'
            if 'shell' in given and ast.unparse(given['shell']) != 'False':
                yield node.lineno, 'shell=True'


def test_nothing_is_unpickled_evaluated_or_given_to_a_shell() -> None:
    assert len(FILES) > 400
    found = [
        f'{path.relative_to(ROOT)}:{line}: {rule}'
        for path in FILES
        for line, rule in broken_rules(ast.parse(path.read_text()))
    ]
    assert found == []


@pytest.mark.parametrize(
    'text',
    [
        'import pickle',
        'from joblib import load',
        'eval(text)',
        'yaml.load(text, Loader)',
        'torch.load(path)',
        'torch.load(path, weights_only=False)',
        'np.load(path, allow_pickle=True)',
        'subprocess.run(words, shell=True)',
    ],
)
def test_the_search_finds_what_it_looks_for(text: str) -> None:
    assert list(broken_rules(ast.parse(text)))


@pytest.mark.parametrize('text', ['torch.load(path, weights_only=True)', 'np.load(path)'])
def test_the_search_lets_pass_what_is_safe(text: str) -> None:
    assert not list(broken_rules(ast.parse(text)))
