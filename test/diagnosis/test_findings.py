# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from restage.diagnosis.findings import Findings
from restage.diagnosis.flow import RECENT_NS, Flow
from restage.diagnosis.status import Level, text_of

SECOND = 10**9


def test_a_finding_is_a_warning_for_a_while_and_counted_for_good() -> None:
    findings = Findings()
    assert findings.status('finite', 5).level is Level.OK
    findings.note('finite', 'stage neck: NaN', SECOND)
    findings.note('finite', 'stage head: NaN', 2 * SECOND)
    now = findings.status('finite', 3 * SECOND)
    assert (now.level, now.message) == (Level.WARN, 'found: stage head: NaN')
    assert (now.values['found'], now.values['last_age_s']) == (2, 1.0)
    later = findings.status('finite', 2 * SECOND + RECENT_NS)
    assert (later.level, later.message, later.values['found']) == (Level.OK, 'quiet again', 2)
    assert findings.status('range', 3 * SECOND).message == 'nothing found'


def test_what_nothing_cures_is_an_error_and_who_does_not_look_says_why() -> None:
    findings = Findings(grave=('backend_lost',))
    findings.note('backend_lost', 'neck: illegal address', SECOND)
    assert findings.status('backend_lost', SECOND).level is Level.ERROR
    off = findings.status('range', SECOND, off='there is no calibration')
    assert (off.level, off.message) == (Level.OK, 'off: there is no calibration')


def test_a_flow_has_a_rate_and_notices_when_it_stops() -> None:
    flow = Flow()
    flow.look(0, 1 * SECOND)
    assert not flow.stopped(9 * SECOND)
    flow.look(30, 2 * SECOND)
    assert flow.hz == 30.0
    flow.look(31, 2 * SECOND + 10)
    assert flow.hz == 30.0
    flow.look(45, 3 * SECOND)
    assert flow.hz == 15.0
    assert flow.grew_lately(4 * SECOND)
    flow.look(45, 6 * SECOND)
    assert flow.stopped(6 * SECOND)
    assert flow.hz == 0.0
    flow.look(3, 7 * SECOND)
    assert flow.hz == 0.0


def test_values_are_text() -> None:
    assert [text_of(v) for v in (True, 3, 1.5, 0.123456789, 'x')] == [
        'true', '3', '1.5', '0.123457', 'x',
    ]  # fmt: skip
