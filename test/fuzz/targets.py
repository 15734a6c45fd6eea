# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
Every input that Restage reads, as a function of bytes.

Each returns whether the input was accepted, and raises whatever is not the one documented error.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rcl_interfaces.msg import Parameter, ParameterValue
from restage_msgs.msg import FaultCommand, FaultEvent

from restage.camera.convert import image_to_bgr
from restage.camera.encodings import ENCODINGS
from restage.camera.errors import ImageError, SourceError
from restage.camera.source import open_source
from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.progress import ProgressMarks
from restage.checkpoint.reader import CheckpointReader
from restage.detect.calibration import CalibrationError, load_calibration
from restage.detector.errors import ModelError
from restage.detector.weights import load_network
from restage.faults.command import Fault
from restage.faults.enums import FaultState
from restage.faults.errors import FaultError
from restage.faults.messages import command_to_fault, event_to_record
from restage.faults.record import FaultRecord
from restage.faults.scenario_file import load_scenario
from restage.faults.taxonomy import KINDS, find_kind
from restage.faults.trace import TraceWriter, read_trace
from restage.models.description import load_description
from restage.onnx_backend.graph import load_line
from restage.plan.errors import PlanError
from restage.plan.file import load_plan
from restage.shipped import BUNDLED
from restage.torch_backend.program import load_program

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MESSAGE = 20_000
STORE_BYTES = 1 << 18


class Bytes:
    """Numbers and texts out of bytes; beyond their end there are zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def take(self, count: int) -> bytes:
        found = self._data[self._place : self._place + count]
        self._place += count
        return found.ljust(count, b'\0')

    def number(self, kind: str) -> int | float:
        (found,) = struct.unpack(f'<{kind}', self.take(struct.calcsize(kind)))
        return found

    def text(self) -> str:
        return self.take(int(self.number('B'))).decode('utf-8', 'replace').replace('\0', '')

    def rest(self) -> bytes:
        return self._data[self._place :]

    def one_of(self, names: list[str]) -> str:
        place = int(self.number('B'))
        return names[place] if place < len(names) else self.text()


@dataclass(frozen=True)
class Target:
    """A reader of one kind of input: ``read`` raises ``refusals`` only; ``seeds`` are good ones."""

    read: Callable[[bytes, Path], object]
    refusals: tuple[type[Exception], ...]
    seeds: Callable[[Path], list[bytes]]

    def __call__(self, data: bytes, folder: Path) -> bool:
        """Return whether ``data`` was accepted; ``folder``: for files."""
        try:
            self.read(data, folder)
        except self.refusals as error:
            message = str(error)
            assert message, f'{type(error).__name__} without a message'
            assert len(message) < LONGEST_MESSAGE, f'a message of {len(message)} characters'
            return False
        return True


def _file(name: str, load: Callable[[Path], object]) -> Callable[[bytes, Path], object]:
    def read(data: bytes, folder: Path) -> object:
        path = folder / name
        path.write_bytes(data)
        return load(path)

    return read


def _image(data: bytes, _folder: Path) -> object:
    source = Bytes(data)
    encoding = source.one_of(list(ENCODINGS))
    height, width, step = (int(source.number(kind)) for kind in 'HHI')
    big = int(source.number('B'))
    picture = image_to_bgr(encoding, height, width, step, source.rest(), big)
    assert picture.shape == (height, width, 3)
    return picture


def _command(data: bytes, _folder: Path) -> object:
    source = Bytes(data)
    command = FaultCommand(
        kind=source.one_of([kind.name for kind in KINDS]),
        id=source.text(),
        target=source.text(),
        stage=source.text(),
        when=int(source.number('B')),
        persistence=int(source.number('B')),
        after_frames=int(source.number('I')),
        probability=float(source.number('d')),
        seed=int(source.number('Q')),
        duration_s=float(source.number('d')),
        firing=int(source.number('I')),
    )
    command.frame.sec, command.frame.nanosec = int(source.number('i')), int(source.number('I'))
    names = [spec.name for kind in KINDS for spec in kind.parameters]
    for _ in range(int(source.number('B')) % 4):
        value = ParameterValue(
            type=int(source.number('B')),
            integer_value=int(source.number('q')),
            double_value=float(source.number('d')),
            string_value=source.text(),
        )
        command.parameters.append(Parameter(name=source.one_of(names), value=value))
    return command_to_fault(command)


def _event(data: bytes, _folder: Path) -> object:
    source = Bytes(data)
    event = FaultEvent(id=source.text(), kind=source.text(), state=int(source.number('B')))
    event.frame.sec = int(source.number('i'))
    return event_to_record(event)


def _store(data: bytes, folder: Path) -> object:
    """Read a store that a writer has laid out, with bytes of it overwritten: place, byte, ..."""
    path = folder / 'node'
    path.unlink(missing_ok=True)
    path.write_bytes(_whole_store(folder))
    with path.open('r+b') as file:
        for start in range(0, len(data) - 11, 12):
            place, word = struct.unpack_from('<IQ', data, start)
            # Most of what is looked at lies in front.
            file.seek(place % (4096 if place % 2 else STORE_BYTES - 8))
            file.write(struct.pack('<Q', word))
    node = NodeFile(path, private=True)
    marks = ProgressMarks(node)
    found = [marks.read(), marks.fault, marks.camera, marks.header_ns, marks.frame_id, node.process]
    reader = CheckpointReader(node)
    reader.boundaries(7)
    return [*found, reader.restore(7, lambda _: ['a'], at_most=3)]


def _whole_store(folder: Path) -> bytes:
    path = folder / 'whole'
    if not path.exists():
        import torch

        from restage.checkpoint.writer import CheckpointWriter

        create_node_file(path, STORE_BYTES)
        plan = Plan((Slot('a', 4096),), ('one', 'two'))
        writer = CheckpointWriter(NodeFile(path), plan)
        writer.begin_frame(7)
        writer.commit(0, {'a': torch.arange(512, dtype=torch.float32)})
    return path.read_bytes()


def _scenarios(_folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / 'config/scenarios').glob('*.yaml'))]


def _plans(_folder: Path) -> list[bytes]:
    return [b'schema: 1\ndigest: ab\nstages: [a, b]\nboundaries: [a]\nstage_ms: [1.0, 2.0]\n']


def _descriptions(_folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / 'config/models').glob('*.yaml'))]


def _onnx(folder: Path) -> list[bytes]:
    import onnx
    from onnx import TensorProto, helper

    def value(name: str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2])

    node = helper.make_node('Add', ['x', 'w'], ['y'])
    weight = helper.make_tensor('w', TensorProto.FLOAT, [1, 2], [1.0, 2.0])
    graph = helper.make_graph([node], 'g', [value('x')], [value('y')], [weight])
    return [helper.make_model(graph).SerializeToString()]


def _programs(folder: Path) -> list[bytes]:
    import torch

    from restage.torch_backend.program import export

    path = folder / 'seed.pt2'
    torch.export.save(export(torch.nn.Linear(2, 2), torch.zeros(1, 2)), path)
    return [path.read_bytes()]


def _calibrations(_folder: Path) -> list[bytes]:
    return [BUNDLED.with_suffix('.calibration.json').read_bytes()]


def _bag(path: Path) -> object:
    source = open_source(str(path), seed=0, width=0, height=0, on_skip=lambda *_: None)
    try:
        frames = source.frames()
        for _ in zip(range(3), frames, strict=False):
            pass
        return frames.close()
    finally:
        source.close()


def _bags(folder: Path) -> list[bytes]:
    from rosbags.rosbag2 import StoragePlugin, Writer
    from rosbags.typesys import Stores, get_typestore
    from rosbags.typesys.stores.ros2_humble import (
        builtin_interfaces__msg__Time as Time,
    )

    store = get_typestore(Stores.ROS2_HUMBLE)
    image, header = (
        store.types[f'{name}'] for name in ('sensor_msgs/msg/Image', 'std_msgs/msg/Header')
    )
    import numpy as np

    message = image(header(Time(1, 2), 'c'), 2, 2, 'bgr8', 0, 6, np.zeros(12, np.uint8))
    target = folder / 'seed-bag'
    with Writer(target, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connection = writer.add_connection('/image_raw', image.__msgtype__, typestore=store)
        for stamp in (1, 2):
            writer.write(connection, stamp, store.serialize_cdr(message, image.__msgtype__))
    return [next(target.glob('*.mcap')).read_bytes()]


def _traces(folder: Path) -> list[bytes]:
    path = folder / 'seed.jsonl'
    writer = TraceWriter(path)
    kind = find_kind('nn.neuron.bit_flip')
    writer.commanded(Fault(id='a', kind=kind.name, when=kind.default_when))
    writer.fired(FaultRecord(id='a', kind=kind.name, state=FaultState.FIRED, stage='neck'))
    return [path.read_bytes()]


def _none(_folder: Path) -> list[bytes]:
    return [b'']


TARGETS: dict[str, Target] = {
    'image': Target(_image, (ImageError,), _none),
    'fault_command': Target(_command, (FaultError,), _none),
    'fault_event': Target(_event, (FaultError,), _none),
    'scenario': Target(_file('s.yaml', load_scenario), (FaultError,), _scenarios),
    'trace': Target(
        _file('t.jsonl', read_trace),
        (FaultError,),
        _traces,
    ),
    'plan': Target(
        _file('p.yaml', lambda path: load_plan(path, stages=('a', 'b'), digest='ab')),
        (PlanError,),
        _plans,
    ),
    'description': Target(
        _file('d.yaml', lambda path: load_description(path)), (ModelError,), _descriptions
    ),
    'calibration': Target(
        _file('c.json', lambda path: load_calibration(path, 'ab')),
        (CalibrationError,),
        _calibrations,
    ),
    'onnx': Target(_file('m.onnx', load_line), (ModelError,), _onnx),
    'safetensors': Target(
        _file('m.safetensors', load_network), (ModelError,), lambda _: [BUNDLED.read_bytes()[:4096]]
    ),
    'pt2': Target(_file('m.pt2', load_program), (ModelError,), _programs),
    'bag': Target(_file('b.mcap', _bag), (SourceError,), _bags),
    'store': Target(_store, (StoreError,), _none),
}
