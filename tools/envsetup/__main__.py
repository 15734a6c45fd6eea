# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Entry point of `make setup`."""

from __future__ import annotations

import time

from .preflight import has_ros, problems
from .run import say
from .wheels import install_wheels
from .workspace import build_workspace


def main() -> int:
    """Set everything up; return 0, or 1 with what is missing."""
    started = time.monotonic()
    found = problems()
    for problem in found:
        say(problem)
    if found:
        return 1
    system_ros = has_ros()
    say('using the sourced ROS 2' if system_ros else 'no ROS 2 is sourced: using ROS 2 wheels')
    install_wheels(system_ros=system_ros)
    build_workspace(system_ros=system_ros)
    say(f'ready in {time.monotonic() - started:.0f} s: .venv/bin/restage --help')
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
