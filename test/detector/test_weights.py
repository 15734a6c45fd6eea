# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
import torch
from safetensors.torch import load_file, save_file

from restage.detector.errors import ModelError
from restage.detector.network import RoadNet
from restage.detector.weights import load_network, save_weights
from restage.shipped import BUNDLED


def test_round_trip(tmp_path):
    path = tmp_path / 'a.safetensors'
    save_weights(RoadNet(), path)
    first, second = load_network(path).state_dict(), load_network(path).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not any(p.requires_grad for p in load_network(path).parameters())


def test_missing(tmp_path):
    with pytest.raises(ModelError, match=r'nowhere.*does not exist; accepted'):
        load_network(tmp_path / 'nowhere')


def test_not_safetensors(tmp_path):
    path = tmp_path / 'b.safetensors'
    path.write_bytes(b'no model at all')
    with pytest.raises(ModelError, match=r'b\.safetensors.*is not safetensors.*accepted'):
        load_network(path)


def test_other_names_and_shapes(tmp_path):
    path = tmp_path / 'c.safetensors'
    state = load_file(str(BUNDLED))
    name = sorted(state)[0]
    save_file({key: value for key, value in state.items() if key != name}, str(path))
    with pytest.raises(ModelError, match='1 names missing or unknown'):
        load_network(path)
    save_file({**state, name: torch.zeros(1, 2)}, str(path))
    with pytest.raises(ModelError, match=r'\(1, 2\), expected torch\.float32'):
        load_network(path)


def test_the_bundled_file_is_small():
    assert BUNDLED.stat().st_size < 5_000_000
