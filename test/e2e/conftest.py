# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Systems for the end-to-end tests, and what they wait for."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from .chromium import chromium
from .live import PATIENCE_S, Live, running
from .ordinary import Ordinary

# Set while a process is on its way out; it executes nothing of its own any more. Source: proc(5).
EXITING = 0x4
HERE = Path(__file__).parent
# For more than one respawn, each of which may take `RESPAWN_S`.
TIMEOUT_S = 600


def uses_ordinary(item: pytest.Item | None) -> bool:
    """Tell whether a test shares the ordinary system."""
    return 'ordinary' in getattr(item, 'fixturenames', ())


@pytest.fixture(scope='session')
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ordinary]:
    """The system of all five nodes that most tests share; it runs while there are such tests."""
    with Ordinary(lambda: tmp_path_factory.mktemp('ordinary')) as system:
        yield system


@pytest.fixture
def live(ordinary: Ordinary) -> Live:
    """A system of all five nodes, well, of which nothing has been seen yet."""
    return ordinary.ready()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give all of them time; have those of the ordinary system run without others between them."""
    places = [place for place, item in enumerate(items) if item.path.parent == HERE]
    for place in places:
        if items[place].get_closest_marker('timeout') is None:
            items[place].add_marker(pytest.mark.timeout(TIMEOUT_S))
    here = sorted((items[place] for place in places), key=lambda item: not uses_ordinary(item))
    for place, item in zip(places, here, strict=True):
        items[place] = item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, None, None]:
    """End the ordinary system when the next test has no use for it: it takes half a core."""
    system = getattr(item, 'funcargs', {}).get('ordinary')
    yield
    if system and not uses_ordinary(nextitem):
        system.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Trust no system in which a test has failed."""
    report = yield
    system = getattr(item, 'funcargs', {}).get('ordinary')
    if system and report.failed:
        system.trusted = False
    return report


@pytest.fixture
def start_live(tmp_path: Path) -> Iterator[Callable[..., Live]]:
    """Start a system with chosen ``parameters`` of nodes by name, and options."""
    with contextlib.ExitStack() as stack:

        def start(parameters: Mapping[str, Any] | None = None, **options: Any) -> Live:
            return stack.enter_context(running(tmp_path, parameters or {}, **options))

        yield start


@pytest.fixture(scope='module')
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless browser for all tests of a module."""
    with chromium(tmp_path_factory.mktemp('chromium')) as driver:
        yield driver


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
