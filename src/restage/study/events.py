# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a trial tells, line by line: it may end in the middle of any of them."""

from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restage.json_record import fits

FILE = 'events.jsonl'
# Of a size: no output is larger.
LARGEST = 2**31


class EventWriter:
    """Appends events to a file of the trial's folder."""

    def __init__(self, folder: Path) -> None:
        """Make the file."""
        self._folder = folder
        self._file = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def tell(self, event: str, **facts: Any) -> None:
        """Write an event with the time (CLOCK_MONOTONIC, ns), unless the time is given."""
        line = json.dumps({'event': event, 't': time.monotonic_ns(), **facts})
        os.write(self._file, f'{line}\n'.encode())

    def answer(self, event: str, outputs: list[NDArray[Any]]) -> None:
        """Write outputs, then the event that they are there."""
        with (self._folder / f'{event}.bin').open('wb') as file:
            for output in outputs:
                file.write(np.ascontiguousarray(output, np.float32).tobytes())
        self.tell(event, shapes=[list(output.shape) for output in outputs])

    def error(self, event: str, error: BaseException) -> None:
        """Write an exception: its first line, without the name of the folder."""
        text = str(error).strip().split('\n')[0].replace(f'{self._folder}/', '')[:300]
        self.tell(event, error=type(error).__name__, text=text)


class EventReader:
    """Reads what is there; lines that are no events are passed over."""

    def __init__(self, folder: Path) -> None:
        """Read from the folder of a trial."""
        self._folder = folder
        self._place = 0
        self._rest = b''
        self.events: list[dict[str, Any]] = []

    def poll(self) -> None:
        """Take what is new."""
        path = self._folder / FILE
        if not path.exists():
            return
        with path.open('rb') as file:
            file.seek(self._place)
            data = file.read()
        self._place += len(data)
        *lines, self._rest = (self._rest + data).split(b'\n')
        for line in lines:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict) and _is_event(event):
                self.events.append(event)

    def find(self, name: str) -> dict[str, Any] | None:
        """Return the first event called ``name``."""
        return next((event for event in self.events if event['event'] == name), None)

    def outputs(self, name: str) -> list[NDArray[np.float32]] | None:
        """Return the outputs that came with an event; None where they did not."""
        event = self.find(name)
        path = self._folder / f'{name}.bin'
        if event is None or 'shapes' not in event or not path.exists():
            return None
        content = path.read_bytes()
        flat = np.frombuffer(content[: len(content) // 4 * 4], np.float32)
        outputs, start = [], 0
        for shape in event['shapes']:
            size = math.prod(shape)
            if start + size > len(flat):
                return None
            outputs.append(flat[start : start + size].reshape(shape))
            start += size
        return outputs


def _is_event(found: dict[str, Any]) -> bool:
    """Return whether it is one that ``EventWriter`` wrote: a trial damages memory, its own too."""
    shapes = found.get('shapes', [])
    return (
        isinstance(found.get('event'), str)
        and fits(found.get('t'), int)
        and isinstance(found.get('text', ''), str)
        and fits(shapes, list[list[int]])
        and all(0 <= size <= LARGEST for shape in shapes for size in shape)
    )
