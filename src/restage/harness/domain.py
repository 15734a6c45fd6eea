# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A ROS domain of one's own, so that runs beside each other do not meet."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from restage.private_folder import private_folder

# Domains whose ports stay below the ephemeral range of Linux. Source: the ROS 2 domain id guide.
DOMAINS = range(1, 102)


@contextlib.contextmanager
def own_domain() -> Iterator[int]:
    """
    Hold a free domain id for as long as the context lasts.

    :raises RuntimeError: when all of them are taken.
    :raises PermissionError: when the folder of their locks is not this user's alone.
    """
    folder = private_folder() / 'domains'
    folder.mkdir(mode=0o700, exist_ok=True)
    # Starting at a place that depends on the process keeps other tools' domain 1 out of the way.
    start = os.getpid() % len(DOMAINS)
    for domain in (*DOMAINS[start:], *DOMAINS[:start]):
        with (folder / str(domain)).open('w') as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield domain
            return
    raise RuntimeError(f'all ROS domains from {DOMAINS[0]} to {DOMAINS[-1]} are in use')
