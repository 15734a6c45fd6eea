# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from restage.soak.ledger_check import LedgerCheck


class Recovery:
    """A recovery node that has counted ``lost`` frames, and answers at once."""

    def __init__(self) -> None:
        self.lost = 100
        self.pid = 7

    def session(self) -> Any:
        node = SimpleNamespace(create_client=lambda *_: self)
        nodes = {'recovery': SimpleNamespace(pid=self.pid)}
        return SimpleNamespace(
            observer=SimpleNamespace(node=node), system=SimpleNamespace(nodes=nodes)
        )

    def service_is_ready(self) -> bool:
        return True

    def call_async(self, _: object) -> Any:
        answer = SimpleNamespace(frames_lost=self.lost)
        return SimpleNamespace(done=lambda: True, result=lambda: answer)


class Watch:
    """Waits for nothing."""

    def until(self, condition: Any, _: float) -> bool:
        return bool(condition())


@pytest.fixture
def recovery() -> Recovery:
    return Recovery()


def begun(recovery: Recovery, rate_hz: float = 30.0) -> LedgerCheck:
    check = LedgerCheck(recovery.session(), cast(Any, Watch()), rate_hz)
    assert check.add(5, restarted=False) == ('', '')
    return check


def test_what_both_have_counted_is_well(recovery) -> None:
    check = begun(recovery)
    recovery.lost += 3
    assert check.add(3, restarted=False) == ('', '')


@pytest.mark.parametrize(
    ('counted', 'seen', 'restarted', 'allowed'),
    [
        (0, 8, True, True),
        (0, 9, True, False),
        (0, 1, False, False),
        (1, 0, True, False),
    ],
)
def test_only_the_first_outputs_of_a_process_that_was_started_may_be_missed(
    recovery, counted, seen, restarted, allowed
) -> None:
    check = begun(recovery)
    recovery.lost += counted
    wrong, documented = check.add(seen, restarted=restarted)
    assert wrong.startswith(f'{seen - counted} more frames are lost')
    assert bool(documented) is allowed
    assert check.add(0, restarted=False) == ('', '')
