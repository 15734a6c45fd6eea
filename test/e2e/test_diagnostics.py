# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a running system says on /diagnostics, before and after a death."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from restage_msgs.msg import RecoveryEvent

from .live import RESPAWN_S, Live

pytestmark = pytest.mark.e2e

DOC = Path(__file__).resolve().parents[2] / 'docs' / 'diagnostics.md'
ROW = re.compile(r'^\| (\w+) \| ([\w ]+) \| (.*?) \|', re.MULTILINE)


def documented() -> dict[str, set[str]]:
    """Return the keys of the table by 'node: item'."""
    return {
        f'{node}: {item}': {key.split('[')[0] for key in re.findall(r'`(.*?)`', keys)}
        for node, item, keys in ROW.findall(DOC.read_text())[1:]
    }


def test_a_death_shows_at_once_and_all_that_is_said_is_documented(live: Live) -> None:
    seen = live.session.observer.seen
    live.wait_for_diagnosis('recovery: standby', DiagnosticStatus.OK, 'is ready to take over')
    live.wait_for_diagnosis('detection_a: frames', DiagnosticStatus.OK, 'images come in')
    dead, pid, since = live.primary(), live.beat(live.primary()).pid, len(live.told)

    event = live.injection.recovery_of(live.injection.inject('proc.kill', 'neck'))
    assert event.outcome == RecoveryEvent.RECOVERED
    live.wait_until_told(since, 'recovery: standby', DiagnosticStatus.WARN, 'none is ready')
    live.wait_for_diagnosis(
        'recovery: last recovery', DiagnosticStatus.OK, 'failover: process_exit'
    )
    live.wait_until_told(since, 'recovery: detector process_exit', DiagnosticStatus.WARN, dead)

    live.wait_for_standby(dead, instead_of=pid)
    live.wait_for_diagnosis(
        'recovery: standby', DiagnosticStatus.OK, f'{dead} is ready to take over', RESPAWN_S
    )
    table = documented()
    for name, status in dict(seen.diagnostics).items():
        kind = re.sub(r'^detection_\w', 'detection', name)
        assert {value.key.split('[')[0] for value in status.values} <= table[kind], name
        assert status.hardware_id
    items = {re.sub(r'^detection_\w', 'detection', name) for name in seen.diagnostics}
    assert items == {name for name in table if not name.startswith(('fault_proxy', 'recorder'))}
