# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run the demonstration: stream, faults, comparison with the fault-free run, report."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track

from restage.camera.frame import FrameSource
from restage.camera.frame_log import read_frame_log
from restage.demo.evidence import Evidence, GoldenRun
from restage.demo.frames import FrameAccounts
from restage.demo.golden import fault_free
from restage.demo.linger import copy_of, play_on
from restage.demo.live import watch
from restage.demo.report import report
from restage.demo.request import DemoRequest
from restage.demo.since_start import since_start_s
from restage.harness.dashboard import dashboard_url
from restage.harness.observer import Observed, Observer
from restage.harness.session import NotReadyError, session
from restage.report.machine import machine, versions
from restage.stages.model import StagedModel

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
    evidence = _evidence(request, seen)
    golden = fault_free_run(evidence, request.model, request.open_source(), console)
    return report(evidence, golden, request.report, console, json_path)


def _evidence(request: DemoRequest, seen: Observed) -> Evidence:
    return Evidence(
        scenario=request.scenario.name,
        source=request.options.source,
        model=request.options.model,
        seed=request.options.seed,
        planned=[(fault.id, fault.kind, fault.stage) for _, fault in request.scenario.schedule()],
        expected=request.scenario.expectations(),
        faults=seen.faults,
        recoveries=seen.recoveries,
        accounts=FrameAccounts.of(read_frame_log(_frame_log(request)), seen.detections),
        stream_faults=request.options.fault_proxy,
        machine=machine(),
        versions=versions(),
        class_names=request.model.class_names,
    )


def _frame_log(request: DemoRequest) -> Path:
    return Path(request.options.frame_log)


def _stream(request: DemoRequest, console: Console) -> Observed:
    """Run the system until every frame is accounted for; return what was observed."""
    _frame_log(request).unlink(missing_ok=True)
    planned = {fault.id for _, fault in request.scenario.schedule()}
    with contextlib.ExitStack() as stack:
        with console.status('starting recovery, two detection nodes and injector'):
            running = stack.enter_context(
                session(
                    request.options,
                    request.report / 'log',
                    request.node_parameters,
                )
            )
        console.print(
            f'{since_start_s():.1f} s after the start: streaming {request.frames} frames of '
            f'{request.options.source}, '
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
        if request.options.record:
            _await_recorder(running.observer)
        seen = running.observer.seen
        if request.options.dashboard and sys.stdin.isatty():
            seen = copy_of(seen)
            play_on(running, console)
        return seen


def _await_recorder(observer: Observer) -> None:
    """Give the recorder, which gives way to everybody, the time to hear the last messages."""

    def heard(seen: Observed) -> bool:
        status = seen.diagnostics.get('recorder: status')
        values = {item.key: item.value for item in status.values} if status else {}
        return int(values.get('detections', '0')) >= len(seen.detections)

    observer.wait_for(heard, SETTLE_S)


def fault_free_run(
    evidence: Evidence, model: StagedModel | None, source: FrameSource, console: Console
) -> GoldenRun:
    """Run the model, if there is one, without faults on every frame that was published."""
    indices = {record.index for record in evidence.accounts.published.values()}
    golden = fault_free(model, source, indices, evidence.shown().__contains__)
    return dict(
        track(
            golden,
            'comparing with a fault-free run' if model is not None else 'reading images',
            total=len(indices),
            console=console,
            transient=True,
        )
    )
