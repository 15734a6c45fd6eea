# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""After the run, for whoever looks at its dashboard: the camera plays on."""

from __future__ import annotations

import signal
from dataclasses import replace

from rich.console import Console

from restage.harness.observer import Observed
from restage.harness.session import Session
from restage.system import Parameter


def copy_of(seen: Observed) -> Observed:
    """Return what was observed so far; nothing that comes later is in it."""
    return replace(
        seen,
        detections=list(seen.detections),
        recoveries=list(seen.recoveries),
        faults=list(seen.faults),
        statuses=list(seen.statuses),
    )


def play_on(running: Session, console: Console) -> None:
    """Start the cameras again, without end and without a log, until Enter is pressed."""
    for camera in running.cameras:
        # It outlives its source.
        running.system.kill(camera.name, signal.SIGINT)
        running.system.nodes[camera.name].process.wait()
        endless: dict[str, Parameter] = {'max_frames': 0, 'frame_log': ''}
        running.system.start(replace(camera, parameters={**camera.parameters, **endless}))
    console.print(
        'the run is over, its report comes when you press Enter; until then the camera plays on, '
        'and you can inject faults on the page'
    )
    try:
        input()
    except EOFError:
        return
