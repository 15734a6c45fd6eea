# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Systems for the end-to-end tests, and what they wait for."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from .live import PATIENCE_S, Live, running

# Set while a process is on its way out; it executes nothing of its own any more. Source: proc(5).
EXITING = 0x4


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A system of all five nodes."""
    with running(tmp_path, {}) as system:
        yield system


@pytest.fixture(scope='module')
def shared_live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A system of all five nodes for all tests of a module, one after the other."""
    with running(tmp_path_factory.mktemp('shared'), {}) as system:
        yield system


@pytest.fixture
def start_live(tmp_path: Path) -> Iterator[Callable[..., Live]]:
    """Start a system with chosen ``parameters`` of nodes by name, and options."""
    with contextlib.ExitStack() as stack:

        def start(parameters: Mapping[str, Any] | None = None, **options: Any) -> Live:
            return stack.enter_context(running(tmp_path, parameters or {}, **options))

        yield start


@pytest.fixture
def until() -> Callable[[Callable[[], bool], str], None]:
    """Wait for a condition that no message announces, with a deadline."""

    def wait(condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, f'never happened: {what}'
            time.sleep(0.02)

    return wait


@pytest.fixture
def is_dying() -> Callable[[int], bool]:
    """Tell whether a process is gone, or past the point where it could execute anything."""

    def dying(pid: int) -> bool:
        try:
            stat = Path(f'/proc/{pid}/stat').read_text()
        except OSError:
            return True
        fields = stat[stat.rindex(')') + 2 :].split()
        return fields[0] in ('Z', 'X') or bool(int(fields[6]) & EXITING)

    return dying
