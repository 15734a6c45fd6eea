# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import mmap
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from restage.checkpoint import nodefile
from restage.checkpoint.control import Control
from restage.checkpoint.elsewhere import is_elsewhere, is_used
from restage.checkpoint.errors import StoreError
from restage.checkpoint.folder import (
    clean_stale,
    open_or_create,
    remove_if_orphan,
    sign_off,
    store_folder,
)
from restage.checkpoint.host import HOST
from restage.checkpoint.nodefile import NodeFile, Plan, Slot
from restage.checkpoint.process import ProcessId

CAPACITY = 1024 * 1024
MAKE = """
import sys
from pathlib import Path
from restage.checkpoint.folder import open_or_create
kept = open_or_create(Path(sys.argv[1]), ['a'], 1048576)
print('made', flush=True)
if sys.argv[2] == 'stay':
    sys.stdin.read()
"""


def by_another_process(folder: Path, *, stay: bool) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, '-c', MAKE, str(folder), 'stay' if stay else 'go'],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == 'made\n'
    if not stay:
        process.communicate()
    return process


def test_each_domain_and_namespace_has_its_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('ROS_DOMAIN_ID', '7')
    first = store_folder('/')
    assert first == Path(f'/dev/shm/restage-{os.getuid()}-7-_')
    assert store_folder('/front/left').name.endswith('-7-front.left')


def test_a_living_owner_keeps_its_store(tmp_path: Path) -> None:
    folder = tmp_path / f'restage-{os.getuid()}-0-x'
    owner = by_another_process(folder, stay=True)
    try:
        with pytest.raises(StoreError, match=f'belongs to the running process {owner.pid}'):
            open_or_create(folder, ['a'], CAPACITY)
        assert clean_stale(tmp_path / 'mine') == []
    finally:
        owner.communicate()
    assert clean_stale(tmp_path / 'mine') == [folder.name]
    assert not folder.exists()


def test_the_store_of_a_dead_owner_is_adopted_while_a_detector_uses_it(tmp_path: Path) -> None:
    folder = tmp_path / f'restage-{os.getuid()}-0-x'
    by_another_process(folder, stay=False)
    Control(folder).epoch = 5
    detector = subprocess.Popen(
        [
            sys.executable,
            '-c',
            'import sys\nfrom pathlib import Path\n'
            'from restage.checkpoint.nodefile import NodeFile, Plan, Slot\n'
            "NodeFile(Path(sys.argv[1])).attach(Plan((Slot('x', 64),), ('s',)))\n"
            "print('attached', flush=True)\nsys.stdin.read()\n",
            str(folder / 'a'),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert detector.stdout is not None
    assert detector.stdout.readline() == 'attached\n'
    try:
        control = open_or_create(folder, ['a', 'b'], CAPACITY)
        assert control.epoch == 5
        assert control.owner == ProcessId.own()
        assert NodeFile(folder / 'a').process.pid == detector.pid
        assert (folder / 'b').exists()
        assert not remove_if_orphan(folder)
    finally:
        detector.communicate()
    assert remove_if_orphan(folder)


def test_a_store_nobody_uses_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / f'restage-{os.getuid()}-0-x'
    by_another_process(folder, stay=False)
    Control(folder).epoch = 5
    assert open_or_create(folder, ['a'], CAPACITY).epoch == 0


def test_no_room_is_a_clear_error_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / 'store'
    free = os.statvfs(tmp_path)
    with pytest.raises(StoreError, match=r'too small for a checkpoint store of \d+ bytes'):
        open_or_create(folder, ['a'], free.f_bavail * free.f_frsize * 2)
    assert not (folder / 'a').exists()


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'real').mkdir()
    (tmp_path / 'link').symlink_to(tmp_path / 'real')
    with pytest.raises(StoreError, match='is a symbolic link'):
        open_or_create(tmp_path / 'link', ['a'], CAPACITY)


def test_progress_survives_and_a_slot_plan_reads_back(tmp_path: Path) -> None:
    folder = tmp_path / 'store'
    open_or_create(folder, ['a'], CAPACITY)
    with pytest.raises(StoreError, match='no detection node has attached'):
        NodeFile(folder / 'a').plan()
    plan = Plan((Slot('x', 100), Slot('y', 5)), ('one', 'two'))
    NodeFile(folder / 'a').attach(plan)
    assert NodeFile(folder / 'a').plan() == plan


def test_the_last_one_to_sign_off_removes_the_store(tmp_path: Path) -> None:
    folder = tmp_path / f'restage-{os.getuid()}-0-x'
    other = by_another_process(folder, stay=True)
    try:
        NodeFile(folder / 'a').attach(Plan((Slot('x', 64),), ('s',)))
        assert not sign_off(folder)
        assert NodeFile(folder / 'a').process.pid == 0
        assert Control(folder).owner.pid == other.pid
    finally:
        other.communicate()
    assert sign_off(folder)
    assert not folder.exists()


@pytest.mark.parametrize('end', [sign_off, remove_if_orphan, NodeFile])
def test_a_store_that_another_removes_at_the_same_moment_is_no_other_error(
    end: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / f'restage-{os.getuid()}-0-x'
    open_or_create(folder, ['a', 'b'], CAPACITY)
    mapped = nodefile.map_file

    def map_last(path: Path, *, private: bool = False) -> mmap.mmap:
        memory = mapped(path, private=private)
        shutil.rmtree(folder)
        return memory

    monkeypatch.setattr(nodefile, 'map_file', map_last)
    if end is NodeFile:
        with pytest.raises(StoreError, match='removed while it was opened'):
            NodeFile(folder / 'a')
    else:
        end(folder)
    assert not folder.exists()


def test_a_store_signed_off_by_its_owner_and_its_writer_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / f'restage-{os.getuid()}-0-x'
    open_or_create(folder, ['a', 'b'], CAPACITY)
    NodeFile(folder / 'a').attach(Plan((Slot('x', 64),), ('s',)))
    assert sign_off(folder)
    assert not folder.exists()
    assert not sign_off(folder)


def test_a_store_that_is_just_being_made_is_not_taken_for_a_stale_one(tmp_path: Path) -> None:
    folder = tmp_path / f'restage-{os.getuid()}-0-x'
    folder.mkdir()
    assert clean_stale(tmp_path / 'mine') == []
    assert folder.is_dir()


FOREIGN = f'{HOST.split("/")[0]}/pid:[1]/net:[1]'


def test_a_store_that_another_container_uses_is_left_alone(tmp_path: Path) -> None:
    keep, folder = (tmp_path / f'restage-{os.getuid()}-{domain}-_' for domain in (1, 2))
    control = open_or_create(folder, ['a'], CAPACITY)
    control.host = FOREIGN  # whose process ids are others
    control._words[1] = 2**22 - 1
    assert clean_stale(keep) == []
    with pytest.raises(StoreError, match='is used by a system in another container; give this'):
        open_or_create(folder, ['a'], CAPACITY)
    # Its last process is gone: whatever its process ids mean here.
    control._words[1] = os.getppid()
    del control
    assert clean_stale(keep) == [folder.name]


def test_a_store_that_a_dead_container_has_left_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / 'store'
    control = open_or_create(folder, ['a'], CAPACITY)
    control.host, control.epoch = FOREIGN, 7
    del control
    control = open_or_create(folder, ['a'], CAPACITY)
    assert (control.epoch, control.owner) == (0, ProcessId.own())


def test_the_lock_of_a_process_ends_with_it(tmp_path: Path) -> None:
    folder = tmp_path / 'store'
    maker = by_another_process(folder, stay=True)
    Control(folder).host = FOREIGN
    assert is_elsewhere(folder)
    assert is_used(folder)
    maker.kill()
    maker.communicate()
    assert not is_used(folder)


def test_a_control_file_is_known_from_that_of_a_store_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / 'store'
    control = open_or_create(folder, ['a'], CAPACITY)
    assert control.is_of(folder)
    (folder / 'control').unlink()
    assert not control.is_of(folder)
    assert Control.create(folder).is_of(folder)
    assert not control.is_of(folder)
