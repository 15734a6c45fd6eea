# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a node keeps for good is not looked through by the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from restage.nodes.garbage import keep_for_good


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_there_is_left_out_and_what_comes_later_is_not() -> None:
    kept = [[] for _ in range(1000)]
    keep_for_good()
    assert gc.get_freeze_count() >= len(kept)
    known = {id(one) for one in gc.get_objects()}
    assert not any(id(one) in known for one in kept)
    later: list[object] = []
    later.append(later)
    assert any(one is later for one in gc.get_objects())


def test_what_was_kept_and_is_no_longer_needed_goes_the_next_time() -> None:
    class Circle:
        gone = 0

        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            Circle.gone += 1

    circle = Circle()
    keep_for_good()
    del circle
    gc.collect()
    assert Circle.gone == 0
    keep_for_good()
    assert Circle.gone == 1
