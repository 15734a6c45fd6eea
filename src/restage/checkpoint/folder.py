# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The folder of shared memory that holds one system's checkpoint stores."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from restage.checkpoint.control import NAME as CONTROL
from restage.checkpoint.control import Control
from restage.checkpoint.elsewhere import is_elsewhere, is_used
from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import NodeFile, create_node_file
from restage.checkpoint.process import ProcessId
from restage.private_folder import refuse_foreign

SHARED_MEMORY = Path('/dev/shm')  # noqa: S108 - shared memory is the point
_PREFIX = 'restage'


def store_folder(namespace: str, *, root: Path = SHARED_MEMORY) -> Path:
    """Return where the store of the system in ROS namespace ``namespace`` is."""
    domain = os.environ.get('ROS_DOMAIN_ID', '0') or '0'
    place = namespace.strip('/').replace('/', '.') or '_'
    return root / f'{_PREFIX}-{os.getuid()}-{domain}-{place}'


def _processes(folder: Path) -> Iterator[ProcessId]:
    """Yield every process that is named in the files of ``folder``."""
    for path in folder.iterdir():
        try:
            yield Control(folder).owner if path.name == CONTROL else NodeFile(path).process
        except StoreError:
            continue


def sign_off(folder: Path) -> bool:
    """
    End this process's use of ``folder``; remove it if nobody else uses it.

    Of processes that end together, each signs off before it looks: the last one removes.
    """
    with contextlib.suppress(FileNotFoundError):  # another one that ends was the last
        for path in folder.iterdir():
            with contextlib.suppress(StoreError):
                (Control(folder) if path.name == CONTROL else NodeFile(path)).sign_off()
    return remove_if_orphan(folder)


def remove_if_orphan(folder: Path) -> bool:
    """Remove ``folder`` unless a living process other than this one uses it, here or elsewhere."""
    own = os.getpid()
    try:
        if not folder.is_dir() or folder.is_symlink() or folder.lstat().st_uid != os.getuid():
            return False
        if is_elsewhere(folder):
            if is_used(folder):
                return False
        elif any(process.pid != own and process.alive() for process in _processes(folder)):
            return False
    except FileNotFoundError:  # another process, which ends as well, is removing it
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def clean_stale(keep: Path) -> list[str]:
    """Remove the stores of dead systems of this user beside ``keep``; return their names."""
    removed = []
    for folder in keep.parent.glob(f'{_PREFIX}-{os.getuid()}-*'):
        # A folder without a control file is one that is just being made.
        made = (folder / CONTROL).exists()
        if folder != keep and made and remove_if_orphan(folder):
            removed.append(folder.name)
    return removed


def open_or_create(folder: Path, nodes: list[str], capacity: int) -> Control:
    """
    Take ownership of the store in ``folder``, making what is missing of it.

    A store left by a dead owner whose detection nodes still run is adopted as it is: they go
    on with the mapping they have.

    :param capacity: bytes of each node's file.
    :raises StoreError: when another living process owns it, or another container uses it, or there
        is no room.
    """
    own = ProcessId.own()
    if _check(folder) and is_elsewhere(folder) and not remove_if_orphan(folder):
        raise StoreError(
            f"the checkpoint store '{folder}' is used by a system in another container; give this "
            'one another namespace or ROS_DOMAIN_ID'
        )
    if _check(folder):
        try:
            owner = Control(folder).owner
        except StoreError:
            owner = None
        if owner is not None and owner != own and owner.alive():
            raise StoreError(
                f"the checkpoint store '{folder}' belongs to the running process {owner.pid}; "
                'give this system another namespace or ROS_DOMAIN_ID'
            )
        if owner is None:
            shutil.rmtree(folder)
        else:
            remove_if_orphan(folder)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _check(folder)  # again: in a folder like /dev/shm somebody else may have been faster
    if (folder / CONTROL).exists():
        control = Control(folder)
        control.take_over()
    else:
        control = Control.create(folder)
    for node in nodes:
        if not (folder / node).exists():
            create_node_file(folder / node, capacity)
    return control


def _check(folder: Path) -> bool:
    """Return whether ``folder`` is there; refuse one that others may have made."""
    try:
        refuse_foreign(folder)
    except FileNotFoundError:
        return False
    except PermissionError as error:
        raise StoreError(f'no checkpoint store: {error}') from None
    return True


def open_store(folder: Path) -> Control:
    """
    Return the control file of the store in ``folder``, which another process owns.

    :raises StoreError: when there is none, or somebody else may have made it.
    """
    _check(folder)
    return Control(folder)
