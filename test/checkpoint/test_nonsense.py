# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Files of a store that are whole and say what cannot be: one clear error, or nothing of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import xxhash

from restage.checkpoint.control import NAME, Control
from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import DATA, NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.progress import ProgressMarks
from restage.checkpoint.segment import map_file

PLAN, PLAN_BYTES, PLAN_SUM = 4096, 4, 5


@pytest.fixture
def node(tmp_path: Path) -> NodeFile:
    path = tmp_path / 'node'
    create_node_file(path, DATA + 4096)
    file = NodeFile(path)
    file.attach(Plan((Slot('a', 64),), ('one',)))
    return file


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        (b'[]', 'is none'),
        (b'{"slots": [{"name": "a"}], "stages": [], "model": ""}', "is none: KeyError: 'capacity'"),
        (b'{"slots": [], "stages": 3, "model": ""}', 'is none: TypeError'),
        (b'[' * 9000, 'is none: '),  # how deep is too deep depends on the Python
        (Plan((Slot('a', -1),), ()).text(), 'does not fit'),
        (Plan((Slot('a', 2**40),), ()).text(), 'does not fit'),
        (Plan((), ('stage',) * 63).text(), 'does not fit'),
    ],
)
def test_a_plan_that_cannot_be_is_refused(text: bytes, said: str, node: NodeFile) -> None:
    node.memory[PLAN : PLAN + len(text)] = text
    node._header[PLAN_BYTES] = len(text)
    node._header[PLAN_SUM] = xxhash.xxh3_64_intdigest(text)
    with pytest.raises(StoreError, match=said):
        node.plan()


def test_no_mark_is_larger_than_a_message_has_room_for(node: NodeFile) -> None:
    node.progress[:] = 2**64 - 1
    marks = ProgressMarks(node)
    progress, fault = marks.read(), marks.fault()
    assert fault is not None
    found = [progress.stamp_ns, *progress.ended_of, progress.epoch, fault.injected_ns]
    assert {*found, marks.header_ns()} == {2**63 - 1}


def test_a_control_file_that_is_cut_off_is_none(tmp_path: Path) -> None:
    Control.create(tmp_path)
    (tmp_path / NAME).write_bytes((tmp_path / NAME).read_bytes()[:64])
    with pytest.raises(StoreError, match='is not a control file'):
        Control(tmp_path)


def test_a_control_file_with_a_host_that_is_no_text_is_another_hosts(tmp_path: Path) -> None:
    control = Control.create(tmp_path)
    control._memory[64:66] = b'\xff\xfe'
    assert control.host == '\ufffd\ufffd'


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match='cannot map the checkpoint store'):
        map_file(tmp_path, private=True)
