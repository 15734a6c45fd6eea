# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the system is as it should be when nothing is done to it."""

from __future__ import annotations

import time

from diagnostic_msgs.msg import DiagnosticStatus
from restage_msgs.msg import Heartbeat

from restage.harness.session import Session
from restage.soak.watch import Watch

# A status on /diagnostics comes once a second; later than that the node is stale.
STALE_S = 4.0


def problem(session: Session, watch: Watch, standbys: int) -> str:
    """Return what is not well in words; empty: everything is."""
    for name, node in list(session.system.nodes.items()):
        if node.ended() is not None:
            return f'{name} does not run'
    primaries = session.with_role(Heartbeat.ROLE_PRIMARY)
    if len(primaries) != 1:
        return f'{len(primaries)} primaries'
    ready = session.with_role(Heartbeat.ROLE_STANDBY)
    if len(ready) < standbys:
        return f'{len(ready)} of {standbys} standbys'
    now = time.monotonic()
    for name in session.system.nodes:
        status, said_s = watch.diagnosed.get(f'{name}: status', (None, 0.0))
        if status is None or now - said_s > STALE_S:
            return f'{name} says nothing on /diagnostics'
        if status.level >= DiagnosticStatus.ERROR:
            return f'{name}: {status.message}'
    return ''
