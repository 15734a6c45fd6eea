# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run the demonstration: stream, faults, comparison with the fault-free run, report."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track

from restage.camera.frame_log import read_frame_log
from restage.demo.document import make_document, write
from restage.demo.frames import FrameAccounts
from restage.demo.golden import Golden, fault_free
from restage.demo.linger import copy_of, play_on
from restage.demo.live import watch
from restage.demo.picture import draw_faults, stamps_around
from restage.demo.request import DemoRequest
from restage.demo.rows import FaultRow, make_rows
from restage.demo.table import make_table
from restage.harness.dashboard import dashboard_url
from restage.harness.observer import Observed
from restage.harness.session import NotReadyError, session
from restage.nodes.stamps import to_ns

# Beyond the time the stream itself takes: a camera slower than its rate, a cold restart.
SLACK_S = 30.0
SETTLE_S = 3.0


def run_demo(request: DemoRequest, console: Console, json_path: Path | None) -> int:
    """Return 0 when every fault was survived within its goal, else 1."""
    try:
        seen = _stream(request, console)
    except (NotReadyError, TimeoutError) as error:
        console.print(f'[red]restage demo:[/] {error}', highlight=False, markup=False)
        return 1
    accounts = FrameAccounts.of(read_frame_log(_frame_log(request)), seen.detections)
    golden = _golden(request, accounts, seen, console)
    differing = accounts.differing(golden)
    rows = make_rows(
        [(fault.id, fault.kind, fault.stage) for _, fault in request.scenario.schedule()],
        request.scenario.expectations(),
        seen.faults,
        seen.recoveries,
        differing,
        accounts.lost,
    )
    document = make_document(request, rows, accounts, len(differing))
    target = request.report / 'demo.json'
    write(document, target)
    if json_path is not None:
        write(document, json_path)
    picture = request.report / 'demo.png'
    drawn = draw_faults(rows, accounts, golden, request.model.class_names, picture)
    console.print(make_table(rows))
    _print_accounts(accounts, differing, console)
    console.print(f'written: {target}' + (f', {picture}' if drawn else ''), highlight=False)
    return _verdict(request, rows, accounts, console)


def _frame_log(request: DemoRequest) -> Path:
    return Path(request.options.frame_log)


def _stream(request: DemoRequest, console: Console) -> Observed:
    """Run the system until every frame is accounted for; return what was observed."""
    _frame_log(request).unlink(missing_ok=True)
    planned = {fault.id for _, fault in request.scenario.schedule()}
    with contextlib.ExitStack() as stack:
        with console.status('starting recovery, two detection nodes and injector'):
            running = stack.enter_context(session(request.options, request.report / 'log'))
        console.print(
            f'streaming {request.frames} frames of {request.options.source}, '
            f'scenario {request.scenario.name}: {request.scenario.description}',
            highlight=False,
        )
        if request.options.dashboard:
            console.print(f'dashboard: {dashboard_url(running.system)}', soft_wrap=True)
        running.start_camera()

        def done(seen: Observed) -> bool:
            return len(seen.detections) >= request.frames

        timeout_s = request.frames / request.rate_hz + SLACK_S
        watch(console, running.observer, request.frames, done, timeout_s)
        # The last recovery is recorded once its backlog is worked off.
        running.observer.wait_for(
            lambda seen: planned <= {event.fault_id for event in seen.recoveries}, SETTLE_S
        )
        seen = running.observer.seen
        if request.options.dashboard and sys.stdin.isatty():
            seen = copy_of(seen)
            play_on(running, console)
        return seen


def _golden(
    request: DemoRequest, accounts: FrameAccounts, seen: Observed, console: Console
) -> dict[int, Golden]:
    """Run the model without faults on every frame that was published."""
    stamps = sorted(accounts.published)
    hits = [to_ns(event.frame) for event in (*seen.recoveries, *seen.faults)]
    shown = {
        accounts.published[stamp].index for hit in hits for stamp in stamps_around(stamps, hit)
    }
    indices = {record.index for record in accounts.published.values()}
    golden = fault_free(request.model, request.open_source(), indices, shown.__contains__)
    return dict(
        track(
            golden,
            'comparing with a fault-free run',
            total=len(indices),
            console=console,
            transient=True,
        )
    )


def _print_accounts(accounts: FrameAccounts, differing: list[int], console: Console) -> None:
    console.print(
        f'frames: {len(accounts.published)} published by the camera, '
        f'{len(accounts.outputs)} came out, {len(accounts.lost)} lost, '
        f'{accounts.duplicates} twice, {accounts.out_of_order} out of order; '
        f'{len(accounts.outputs) - len(differing)} of {len(accounts.outputs)} bit-identical to '
        'the fault-free run',
        highlight=False,
    )


def _verdict(
    request: DemoRequest, rows: list[FaultRow], accounts: FrameAccounts, console: Console
) -> int:
    problems = [f'{row.kind} in {row.stage}: {text}' for row in rows for text in row.problems]
    if accounts.duplicates:
        problems.append(f'{accounts.duplicates} frames were published twice')
    # Images that faults of the stream took away are no loss of the detectors.
    if accounts.lost and not request.options.fault_proxy:
        problems.append(f'{len(accounts.lost)} frames were lost')
    for problem in problems:
        console.print(f'[yellow]not as expected:[/] {problem}', highlight=False)
    return 1 if problems else 0
