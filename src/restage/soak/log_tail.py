# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The camera's own record of frames, read while it is being written."""

from __future__ import annotations

import json
from pathlib import Path

from restage.camera.frame_log import FrameRecord


class LogTail:
    """Reads what was added since the last time; keeps nothing."""

    def __init__(self, path: Path) -> None:
        """Read ``path``, which need not be there yet."""
        self._path = path
        self._offset = 0

    def read(self) -> list[FrameRecord]:
        """Return the new records; of a line that is not whole yet, the next time."""
        try:
            with self._path.open('rb') as file:
                file.seek(self._offset)
                text = file.read()
        except FileNotFoundError:
            return []
        whole = text[: text.rfind(b'\n') + 1]
        self._offset += len(whole)
        return [FrameRecord(**json.loads(line)) for line in whole.splitlines()]
