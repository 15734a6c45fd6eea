# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A folder for temporary files that no other user can read, write or have made."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def private_folder() -> Path:
    """
    Return ``TMPDIR/restage-UID``, made with mode 0700 if it is missing.

    :raises PermissionError: when something else is there, or others may use it.
    """
    folder = Path(tempfile.gettempdir()) / f'restage-{os.getuid()}'
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    refuse_foreign(folder)
    return folder


def refuse_foreign(folder: Path) -> None:
    """
    Return if ``folder`` is a folder of this user that nobody else may use.

    :raises PermissionError: when it is not; says what it is. Symbolic links are not followed.
    :raises FileNotFoundError: when it is missing.
    """
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        what = 'is a symbolic link' if stat.S_ISLNK(found.st_mode) else 'is no folder'
    elif found.st_uid != os.getuid():
        what = f'belongs to user {found.st_uid}'
    elif found.st_mode & 0o077:
        what = f'has mode {stat.S_IMODE(found.st_mode):04o}'
    else:
        return
    raise PermissionError(
        f"'{folder}' {what}; accepted: a folder of user {os.getuid()} with mode 0700. "
        'Somebody else may have made it: look at it, then remove it'
    )
