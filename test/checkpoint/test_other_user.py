# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What another user of the host can do to a live store: nothing. Needs root, to become another."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from restage.checkpoint.control import Control
from restage.checkpoint.errors import StoreError
from restage.checkpoint.folder import SHARED_MEMORY, clean_stale, open_or_create, open_store
from restage.checkpoint.nodefile import NodeFile, Plan, Slot
from restage.weights.golden import GoldenWeights, golden_path

NOBODY = 65534
pytestmark = pytest.mark.skipif(os.getuid() != 0, reason='only root can become another user')

TRY = """
import mmap, os, sys
from pathlib import Path
os.setgroups([]); os.setgid(65534); os.setuid(65534)
folder = Path(sys.argv[1])
own = folder.parent / f'{folder.name}-other'
own.write_bytes(bytes(4096))
def replace_folder():
    os.rename(own, folder)
def map_file(name, flags, access):
    handle = os.open(folder / name, flags)
    mmap.mmap(handle, 4096, access=access)
tries = {
    'list': lambda: os.listdir(folder),
    'make': lambda: (folder / 'new').touch(),
    'replace the folder': replace_folder,
    'rename the folder': lambda: os.rename(folder, f'{folder}-gone'),
    'remove the folder': lambda: os.rmdir(folder),
    'open its mode': lambda: os.chmod(folder, 0o777),
}
for name in sys.argv[2:]:
    tries |= {
        f'read {name}': lambda name=name: map_file(name, os.O_RDONLY, mmap.ACCESS_READ),
        f'write {name}': lambda name=name: map_file(name, os.O_RDWR, mmap.ACCESS_WRITE),
        f'unlink {name}': lambda name=name: os.unlink(folder / name),
        f'replace {name}': lambda name=name: os.replace(own, folder / name),
    }
tries |= {f'read memory of {sys.argv[2]}': lambda: open(f'/proc/{os.getppid()}/mem', 'rb').read(1)}
for what, attempt in tries.items():
    try:
        attempt()
    except PermissionError:
        continue
    print('could', what)
own.unlink(missing_ok=True)
print('tried', len(tries))
"""


def as_nobody(code: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, '-c', code, *words], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def place() -> Iterator[Path]:
    folder = SHARED_MEMORY / f'restage-{os.getuid()}-test{os.getpid()}-other'
    yield folder
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.is_dir():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def test_nobody_reads_writes_or_replaces_any_of_it(place: Path, tiny_model) -> None:
    control = open_or_create(place, ['a'], 1024 * 1024)
    control.epoch = 7
    NodeFile(place / 'a').attach(Plan((Slot('x', 64),), ('neck',)))
    golden = golden_path(place, 'digest')
    clean = bytes(GoldenWeights(tiny_model, golden).data)
    names = sorted(file.name for file in place.iterdir())
    assert names == ['a', 'control', 'weights-digest']
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE((place / name).stat().st_mode) for name in names} == {0o600}

    assert as_nobody(TRY, str(place), *names) == f'tried {7 + 4 * len(names)}\n'
    assert sorted(file.name for file in place.iterdir()) == names
    assert Control(place).epoch == 7
    assert golden.read_bytes() == clean


BEFORE = (
    'import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534); path = sys.argv[1]; '
)


@pytest.mark.parametrize(
    ('make', 'said'),
    [
        ('os.mkdir(path, 0o777)', f'belongs to user {NOBODY}'),
        ("os.symlink('/root', path)", 'is a symbolic link'),
        ("os.symlink('/nowhere', path)", 'is a symbolic link'),
        ("open(path, 'w').close()", 'is no folder'),
    ],
)
def test_what_another_user_has_put_there_is_refused(place: Path, make: str, said: str) -> None:
    as_nobody(f'{BEFORE}path = sys.argv[1]; {make}', str(place))
    for use in (lambda: open_or_create(place, ['a'], 1024 * 1024), lambda: open_store(place)):
        with pytest.raises(StoreError) as refused:
            use()
        assert f"'{place}' {said}; accepted: a folder of user 0" in str(refused.value)
    assert place.name not in clean_stale(place.with_name('restage-0-none'))
    assert os.path.lexists(place)


def test_a_folder_of_ones_own_that_others_may_write_to_is_refused(place: Path) -> None:
    place.mkdir()
    place.chmod(0o777)
    with pytest.raises(StoreError, match='has mode 0777'):
        open_or_create(place, ['a'], 1024 * 1024)
