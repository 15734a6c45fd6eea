# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What fuzzing found: each of these once raised something else than the documented error."""

from __future__ import annotations

import pytest

from restage.yaml_file import YamlError, read_yaml

from .targets import TARGETS

_BOMB = b'[&a [x,x,x,x,x,x,x,x], ' + b', '.join(
    f'&{new} [{",".join([f"*{old}"] * 8)}]'.encode()
    for old, new in zip('abcdef', 'bcdefg', strict=True)
)
YAML = [
    b'!!int ""',
    b'!!timestamp "x"',
    b'[' * 500,
    b'{' * 500,
    b'schema: 1' + b'0' * 5000,
    b'schema: 0x' + b'f' * 5000,
    b'schema: ' + _BOMB + b']',
    b'schema: &a [*a]',
    b'schema: 1\nname: ' + b'n' * 600_000,
]


@pytest.mark.parametrize('name', ['scenario', 'plan', 'description'])
@pytest.mark.parametrize('data', YAML, ids=range(len(YAML)))
def test_yaml(name, data, tmp_path) -> None:
    assert not TARGETS[name](data, tmp_path)


@pytest.mark.parametrize(
    ('name', 'data'),
    [
        ('trace', b'[' * 100_000),
        ('trace', b'9' * 5000),
        ('calibration', b'[' * 100_000),
        (
            'calibration',
            b'{"schema": 1, "digest": "ab", "frames": 1e999, "source": "", "ranges": {}, '
            b'"plausibility": {}}',
        ),
    ],
    ids=range(4),
)
def test_json(name, data, tmp_path) -> None:
    assert not TARGETS[name](data, tmp_path)


@pytest.mark.parametrize(
    ('data', 'why'),
    [
        (b'a: ' + _BOMB + b']', 'stands for more than 100000 entries'),
        (b'a: &a [*a]', 'nested deeper than 64'),
        (b'a: 0x' + b'f' * 100, 'an integer of 400 bits; accepted: 64'),
        (b'a: ' + b'n' * 20_000, 'a text of 20000 characters'),
        (b'a: ' + b'n' * 2**20, 'larger than 1048576 bytes'),
    ],
)
def test_what_is_too_much_is_said(data, why, tmp_path) -> None:
    path = tmp_path / 'a.yaml'
    path.write_bytes(data)
    with pytest.raises(YamlError, match=why):
        read_yaml(path)
