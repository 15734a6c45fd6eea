# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Parts of a PyTorch program, run one after another, are the module: to the last bit."""

from __future__ import annotations

import io
import os
import pickle
import zipfile

import pytest
import torch
from torch import nn
from torch.export.passes import move_to_device_pass

from restage.cutting.balance import by_arithmetic
from restage.cutting.timing import by_measurement
from restage.cutting.verify import differing, run_parts, same_bits
from restage.detector.errors import ModelError
from restage.torch_backend.execute import execute
from restage.torch_backend.line import line_of
from restage.torch_backend.network import TorchNetwork
from restage.torch_backend.program import FORCE, export, load_program

SIZE = 32


class Residual(nn.Module):
    """Batch normalisation, in-place activations, blocks around which the input goes as well."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(True))
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1), nn.BatchNorm2d(8), nn.SiLU(True))
            for _ in range(4)
        )
        self.out = nn.Conv2d(8, 6, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = torch.relu_(x + block(x))
        return self.out(x)


class Pyramid(nn.Module):
    """Three levels, a way back up, an output of each."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(c, 8, 3, 2, 1) for c in (3, 8, 8))
        self.side = nn.ModuleList(nn.Conv2d(8, 8, 1) for _ in range(3))
        self.head = nn.Conv2d(8, 6, 3, 1, 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        levels = []
        for conv in self.down:
            x = torch.relu(conv(x))
            levels.append(x)
        sides = [side(level) for side, level in zip(self.side, levels, strict=True)]
        for upper, lower in ((1, 2), (0, 1)):
            sides[upper] = sides[upper] + nn.functional.interpolate(sides[lower], scale_factor=2.0)
        return tuple(self.head(side) for side in sides)


class Transformer(nn.Module):
    """Patches and two layers of attention."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 8, 8)
        layers = [nn.TransformerEncoderLayer(16, 2, 32, batch_first=True) for _ in range(2)]
        self.layers = nn.ModuleList(layers)
        self.logits, self.boxes = nn.Linear(16, 4), nn.Linear(16, 4)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.patches(x).flatten(2).transpose(1, 2)
        for layer in self.layers:
            x = layer(x)
        return self.logits(x), self.boxes(x).sigmoid()


MODULES = {'residual': Residual, 'pyramid': Pyramid, 'transformer': Transformer}


@pytest.fixture
def picture() -> torch.Tensor:
    return torch.rand((1, 3, SIZE, SIZE), generator=torch.Generator().manual_seed(3))


@pytest.fixture(scope='module')
def programs():
    made = {}
    for name, kind in MODULES.items():
        torch.manual_seed(1)
        module = kind().eval()
        made[name] = module, export(module, torch.zeros(1, 3, SIZE, SIZE))
    return made


@pytest.mark.parametrize('stages', [2, 5])
@pytest.mark.parametrize('name', MODULES)
def test_the_parts_make_the_bits_of_the_whole(programs, name, stages, picture):
    found = TorchNetwork(programs[name][1], picture)
    cuts = by_arithmetic(found, stages)
    assert 1 <= len(cuts) < stages
    assert differing(found, cuts, picture) == []
    assert differing(found, cuts, picture.flip(2) * 2 - 1) == []


@pytest.mark.parametrize('name', MODULES)
def test_cut_everywhere_it_is_the_same_too(programs, name, picture):
    found = TorchNetwork(programs[name][1], picture)
    assert len(found.cuts) > 3
    assert differing(found, found.cuts, picture) == []


@pytest.mark.parametrize('name', MODULES)
def test_the_whole_is_the_module(programs, name, picture):
    module, program = programs[name]
    found = TorchNetwork(program, picture)
    made = run_parts(found, by_arithmetic(found, 4), picture)
    with torch.inference_mode():
        expected = module(picture)
    expected = expected if isinstance(expected, tuple) else (expected,)
    for value, output in zip(expected, found.outputs, strict=True):
        assert torch.allclose(made[output], value, atol=1e-5)


@pytest.mark.parametrize('name', MODULES)
def test_gradients_are_those_of_the_module(programs, name, picture):
    module, program = programs[name]
    found = TorchNetwork(program, picture).gradients([picture, picture.flip(2)])
    made = [module(picture), module(picture.flip(2))]
    outputs = [one for each in made for one in (each if isinstance(each, tuple) else (each,))]
    names, parameters = zip(*module.named_parameters(), strict=True)
    slopes = torch.autograd.grad(sum(one.sum() for one in outputs), parameters)
    for parameter, slope in zip(names, slopes, strict=True):
        assert torch.allclose(found[parameter], slope, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize('name', MODULES)
def test_every_weight_is_computed_with_also_where_it_has_moved(programs, name, picture):
    found = TorchNetwork(programs[name][1], picture)
    parts = found.parts(by_arithmetic(found, 3))
    claimed = {weight for part in parts for weight in part.weights}
    assert claimed == set(found.weights)

    def run() -> list[torch.Tensor]:
        state = {found.picture: picture}
        for part in parts:
            state.update(zip(part.outputs, part.run(state), strict=True))
        return [state[output] for output in found.outputs]

    clean = run()
    for weight in found.weights.values():
        kept = weight.data
        weight.data = kept * 1.5 + 0.5
        assert not all(map(same_bits, run(), clean))
        weight.data = kept
    assert all(map(same_bits, run(), clean))


def test_cuts_by_measurement_are_cuts_too(programs, picture):
    found = TorchNetwork(programs['residual'][1], picture)
    assert set(by_measurement(found, 4)) <= set(found.cuts)


def test_a_program_is_read_from_its_file(programs, picture, tmp_path):
    module, program = programs['residual']
    path = tmp_path / 'model.pt2'
    torch.export.save(program, path)
    found = TorchNetwork(load_program(path), picture)
    assert set(found.weights) == {
        name for name, tensor in module.state_dict().items() if tensor.is_floating_point()
    }
    one, other = (
        run_parts(network, (), picture) for network in (found, TorchNetwork(program, picture))
    )
    assert all(map(same_bits, one.values(), other.values()))
    assert found.fingerprint() == TorchNetwork(program, picture).fingerprint()


class Evil:
    """What is done when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return pytest.fail, ('unpickled',)


def test_nothing_is_unpickled(programs, tmp_path, monkeypatch):
    """torch.export.load unpickles where safe loading fails; here it does not come to that."""
    monkeypatch.delenv(FORCE, raising=False)
    path, evil = tmp_path / 'model.pt2', tmp_path / 'evil.pt2'
    torch.export.save(programs['residual'][1], path)
    buffer = io.BytesIO()
    torch.save({'x': Evil()}, buffer, pickle_module=pickle)
    replaced = 0
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(evil, 'w') as new:
        for item in old.namelist():
            data = old.read(item)
            if data.startswith(b'PK') or item.endswith('.pt'):
                data, replaced = buffer.getvalue(), replaced + 1
            if item.endswith('_config.json'):
                data = data.replace(b'"use_pickle": false', b'"use_pickle": true')
            new.writestr(item, data)
    assert replaced
    with pytest.raises(ModelError, match='cannot be read'):
        load_program(evil)
    assert load_program(path) is not None
    assert FORCE not in os.environ


@pytest.mark.parametrize('content', [None, b'', b'nonsense'])
def test_a_file_that_is_none_is_refused(content, tmp_path):
    path = tmp_path / 'm.pt2'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r'accepted: what torch\.export\.save wrote'):
        load_program(path)


class Counting(nn.Module):
    """Changes what it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer('count', torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.count.add_(1.0)
        return x * self.count


def test_a_module_that_changes_itself_is_refused(picture):
    with pytest.raises(ModelError, match='the program changes count; accepted: one exported in'):
        TorchNetwork(export(Counting(), picture), picture)


def test_a_module_that_cannot_be_exported_is_refused(picture):
    class Reads(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x if x.sum() > 0 else -x

    with pytest.raises(ModelError, match='Reads cannot be exported: '):
        export(Reads(), picture)


class MakesItsOwn(nn.Module):
    """Has a constant, a whole-number buffer, and makes tensors as it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.register_buffer('order', torch.tensor([2, 0, 1]))
        self.scale = torch.tensor([0.5, 1.0, 2.0]).reshape(1, 3, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x[:, self.order] * self.scale
        grid = torch.arange(x.shape[-1], dtype=x.dtype) + torch.zeros(x.shape[-1])
        return self.conv(x + grid)


def test_on_another_device_all_that_a_program_makes_is_there(picture):
    """The device ``meta`` stands in for a GPU: it has shapes, and refuses tensors of the CPU."""
    program = move_to_device_pass(export(MakesItsOwn().eval(), picture), 'meta')
    line = line_of(program)
    made = execute(line, picture.to('meta'), line.held)
    tensors = [value for value in made.values() if isinstance(value, torch.Tensor)]
    assert len(tensors) > 8
    assert {tensor.device.type for tensor in tensors} == {'meta'}
