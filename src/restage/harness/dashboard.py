# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where the dashboard of a running system is."""

from __future__ import annotations

import re
import time

from restage.harness.running_system import RunningSystem

PATIENCE_S = 30.0
_SAID = re.compile(r'^dashboard: (http\S+)$', re.MULTILINE)


def dashboard_url(system: RunningSystem, timeout_s: float = PATIENCE_S) -> str:
    """
    Return the address, with the token, that the dashboard node has printed.

    :raises TimeoutError: when it prints none in time; the message holds what it printed.
    """
    node = system.nodes['dashboard']
    end = time.monotonic() + timeout_s
    while time.monotonic() < end and node.ended() is None:
        said = _SAID.search(node.text())
        if said:
            return said[1]
        time.sleep(0.05)
    raise TimeoutError(f'the dashboard does not serve: {node.text()[-2000:]}')
