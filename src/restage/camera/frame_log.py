# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The record of every published frame: JSON lines, whole up to the last one."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class FrameRecord:
    """
    One published frame.

    ``stamp_ns`` is the header's stamp, ``index`` the source's frame number, ``loop`` the pass
    (from 0), ``published_monotonic_ns`` CLOCK_MONOTONIC just before the image was handed over.
    """

    stamp_ns: int
    index: int
    loop: int
    published_monotonic_ns: int


class FrameLog:
    """
    Appends records to a file, each in one write, so that a kill leaves only whole lines.

    :raises OSError: when the file cannot be opened for writing.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open('ab', buffering=0)

    def write(self, record: FrameRecord) -> None:
        """
        Add a line.

        :raises OSError: when it cannot be written; nothing is kept for later.
        """
        line = (json.dumps(asdict(record)) + '\n').encode('ascii')
        if self._file.write(line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Close the file; harmless when repeated."""
        self._file.close()


def read_frame_log(path: Path) -> list[FrameRecord]:
    """Return the records of a file; a last line without its end is left out."""
    lines = path.read_text(encoding='ascii').splitlines(keepends=True)
    return [FrameRecord(**json.loads(line)) for line in lines if line.endswith('\n')]
