# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The gate: off by default, fresh commands only, not too many."""

from __future__ import annotations

import pytest

from restage.faults.errors import FaultError
from restage.faults.gate import BURST, LIFETIME_NS, PER_SECOND, Gate

NOW = 1_000_000_000_000


class Clocks:
    def __init__(self) -> None:
        self.now_ns = NOW
        self.steady_s = 0.0


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def gate(clocks) -> Gate:
    return Gate(allowed=True, now_ns=lambda: clocks.now_ns, clock_s=lambda: clocks.steady_s)


def test_nothing_is_let_in_unless_allowed(clocks):
    gate = Gate(allowed=False, now_ns=lambda: clocks.now_ns)
    with pytest.raises(FaultError, match='started without allow_fault_injection:=true'):
        gate.admit(NOW)


def test_a_fresh_command_is_let_in(gate):
    gate.admit(NOW)
    gate.admit(NOW - LIFETIME_NS)


@pytest.mark.parametrize(
    ('stamp_ns', 'why'),
    [
        (0, "'stamp' is 0"),
        (NOW - LIFETIME_NS - 100_000_000, r'expired: it is 5\.1 s old; accepted: up to 5 s'),
        (NOW + 2_000_000_000, r'its stamp is 2\.0 s ahead; accepted: up to 1 s'),
    ],
)
def test_what_is_not_of_now_is_refused(gate, stamp_ns, why):
    with pytest.raises(FaultError, match=why):
        gate.admit(stamp_ns)


def test_a_recorded_command_that_is_played_again_has_expired(gate, clocks):
    gate.admit(NOW)
    clocks.now_ns += LIFETIME_NS + 1
    with pytest.raises(FaultError, match='expired'):
        gate.admit(NOW)


def test_a_flood_is_refused_and_lets_commands_in_again_as_time_goes_by(gate, clocks):
    for _ in range(int(BURST)):
        gate.admit(NOW)
    with pytest.raises(FaultError, match='too many commands; accepted: 20 a second, 40 at once'):
        gate.admit(NOW)
    clocks.steady_s += 1.0
    for _ in range(int(PER_SECOND)):
        gate.admit(NOW)
    with pytest.raises(FaultError, match='too many'):
        gate.admit(NOW)


def test_what_is_refused_for_another_reason_takes_nothing_from_the_others(gate):
    for _ in range(1_000):
        with pytest.raises(FaultError, match='expired'):
            gate.admit(1)
    gate.admit(NOW)
