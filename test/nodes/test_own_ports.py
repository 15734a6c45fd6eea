# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Profiles of Fast DDS lie in a folder that is the user's alone, and do not pile up."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from restage.checkpoint.process import ProcessId
from restage.config import config_folder
from restage.nodes.own_ports import remove_stale, take_own_ports

VARIABLE = 'FASTDDS_DEFAULT_PROFILES_FILE'


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    monkeypatch.setenv(VARIABLE, str(config_folder() / 'fastdds.xml'))
    return tmp_path / f'restage-{os.getuid()}'


def test_the_profile_and_its_folder_are_for_this_user_alone(temporary: Path) -> None:
    path = take_own_ports()
    assert path is not None
    assert path.parent == temporary
    assert os.environ[VARIABLE] == str(path)
    assert stat.S_IMODE(temporary.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert '<participantID>' in path.read_text()


@pytest.mark.parametrize('link', [True, False])
def test_a_folder_that_others_may_use_is_refused(temporary: Path, link: bool) -> None:
    elsewhere = temporary.with_name('elsewhere')
    elsewhere.mkdir()
    if link:
        temporary.symlink_to(elsewhere)
    else:
        temporary.mkdir()
        temporary.chmod(0o755)
    with pytest.raises(PermissionError, match='symbolic link' if link else 'has mode 0755'):
        take_own_ports()
    assert not list(elsewhere.iterdir())


def test_those_of_the_dead_are_removed_and_no_others(tmp_path: Path) -> None:
    own = ProcessId.own()
    living = tmp_path / f'dds-{own.pid}-{own.start_ticks}.xml'
    recycled = tmp_path / f'dds-{own.pid}-{own.start_ticks - 1}.xml'
    young = tmp_path / 'dds-999999999-5.xml'
    foreign = tmp_path / 'notes.xml'
    for path in (living, recycled, young, foreign):
        path.touch()
        os.utime(path, (0, 0) if path is not young else None)
    assert remove_stale(tmp_path) == [recycled.name]
    assert {path.name for path in tmp_path.iterdir()} == {living.name, young.name, foreign.name}
