# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the user sees while the system runs."""

from __future__ import annotations

import time
from collections.abc import Callable

from restage_msgs.msg import FaultEvent, Heartbeat, RecoveryEvent
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from restage.harness.observer import Observed, Observer

PERIOD_S = 0.1
_ROLES = {Heartbeat.ROLE_PRIMARY: 'primary', Heartbeat.ROLE_STANDBY: 'standby'}


def watch(
    console: Console,
    observer: Observer,
    frames: int,
    done: Callable[[Observed], bool],
    timeout_s: float,
) -> bool:
    """Show progress until ``done`` or ``timeout_s`` is over; return whether it was done."""
    columns = (
        TextColumn('[bold]detections'),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn('{task.fields[nodes]}'),
    )
    end = time.monotonic() + timeout_s
    faults = recoveries = 0
    with Progress(*columns, console=console, refresh_per_second=8) as progress:
        task = progress.add_task('frames', total=frames, nodes='')
        while True:
            finished = bool(observer.wait_for(done, PERIOD_S))
            seen = observer.seen
            for fault in seen.faults[faults:]:
                if fault.state in (FaultEvent.FIRED, FaultEvent.REJECTED):
                    progress.console.print(_fault_line(fault), highlight=False)
            for recovery in seen.recoveries[recoveries:]:
                progress.console.print(_recovery_line(recovery), highlight=False)
            faults, recoveries = len(seen.faults), len(seen.recoveries)
            progress.update(task, completed=len(seen.detections), nodes=_nodes(seen))
            if finished or time.monotonic() > end:
                return finished


def _nodes(seen: Observed) -> str:
    return '  '.join(
        f'{name}: {_ROLES.get(message.role, "-")}'
        for name, message in sorted(seen.heartbeats.items())
    )


def _fault_line(fault: FaultEvent) -> str:
    what = 'fault' if fault.state == FaultEvent.FIRED else 'fault REJECTED'
    return f'  [red]{what}[/] {fault.kind} in {fault.stage} of {fault.node}: {fault.detail}'


def _recovery_line(event: RecoveryEvent) -> str:
    start = event.injected_ns or event.detected_ns
    total = (event.first_good_output_ns - start) / 1e6
    outcome = 'recovered' if event.outcome == RecoveryEvent.RECOVERED else 'FRAME LOST'
    return (
        f'  [green]{event.tier}[/] seen by {event.detector}, finished by '
        f'{event.recovered_by or "-"}: {outcome} in {total:.1f} ms, {event.frames_lost} lost'
    )
