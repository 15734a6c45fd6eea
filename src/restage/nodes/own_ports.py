# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Ports of its own for every start of a node, also when it replaces a dead one."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from pathlib import Path

from restage.checkpoint.process import ProcessId
from restage.config import config_folder
from restage.private_folder import private_folder

_VARIABLES = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE')
# Participant ids whose ports do not reach into the next domain's. Source: DDSI-RTPS 2.5, 9.6.2.3.
_IDS = range(10, 118)
_PLACE = '<rtps>'
_NAME = re.compile(r'dds-(\d+)-(\d+)\.xml')
# Younger ones may be those of a container with process ids of its own, which starts just now.
_STALE_S = 60.0


def take_own_ports() -> Path | None:
    """
    Let Fast DDS use ports that no recent process of this domain had; call before ROS is up.

    By default a restarted process gets the ports of the one that died, while its peers still
    send to the dead one there and, when its lease ends, stop sending to that address: its
    successor is deaf for a second. Does nothing where the user chose other transports than
    ``config/fastdds.xml``. Returns the profile file made, to be removed at the end.

    :raises PermissionError: when the folder for it is not this user's alone.
    """
    profile = config_folder() / 'fastdds.xml'
    for name in _VARIABLES:
        if os.environ.get(name) == str(profile):
            text = profile.read_text()
            number = _free_id(int(os.environ.get('ROS_DOMAIN_ID') or 0))
            text = text.replace(_PLACE, f'{_PLACE}<participantID>{number}</participantID>', 1)
            path = _write(text)
            os.environ[name] = str(path)
            return path
    return None


def _write(text: str) -> Path:
    """Write a profile for this process; remove those that killed ones have left."""
    folder, own = private_folder(), ProcessId.own()
    remove_stale(folder)
    path = folder / f'dds-{own.pid}-{own.start_ticks}.xml'
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), 'w') as file:
        file.write(text)
    return path


def remove_stale(folder: Path) -> list[str]:
    """Remove the profiles of processes that are dead; return their names."""
    removed = []
    for path in folder.iterdir():
        found = _NAME.fullmatch(path.name)
        if found is None or ProcessId(int(found[1]), int(found[2])).alive():
            continue
        with contextlib.suppress(FileNotFoundError):  # another process that starts is faster
            if time.time() - path.lstat().st_mtime > _STALE_S:
                path.unlink()
                removed.append(path.name)
    return removed


def _free_id(domain: int) -> int:
    """Return a participant id that follows the process id, and whose ports are free."""
    start = os.getpid() % len(_IDS)
    numbers: list[int] = [*_IDS[start:], *_IDS[:start]]
    for number in numbers:
        first = 7400 + 250 * domain + 10 + 2 * number
        if _free(first) and _free(first + 1):
            return number
    return numbers[0]


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(('', port))
        except OSError:
            return False
    return True
