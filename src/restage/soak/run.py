# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run a soak: system up, episodes until the time is over, system down, report."""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console

from restage.harness.session import NotReadyError, session
from restage.soak.accounts import Accounts
from restage.soak.chart import draw
from restage.soak.document import make_document, write
from restage.soak.episode import Episode
from restage.soak.findings import Finding
from restage.soak.kinds import kinds_here
from restage.soak.leftovers import MARK, left_behind
from restage.soak.log_tail import LogTail
from restage.soak.meter import Meter
from restage.soak.page import write_page
from restage.soak.permits import Permits
from restage.soak.plan import Planner
from restage.soak.progress import SoakProgress, result_table, showing
from restage.soak.quiet_points import leaks
from restage.soak.record import Record
from restage.soak.reference import reference, render_loop
from restage.soak.settings import SoakSettings
from restage.soak.soak import NotHealedError, Parts, Soak
from restage.soak.watch import Watch
from restage.stages.loading import load_model
from restage.system import SystemOptions

# All weights are looked at on every frame, also if that was measured on a busy machine: no wrong
# bit of one may get out (docs/recovery.md, gap 9).
DETECTOR = {'weight_check_ms': 10.0}
DETECTORS = ('detection_a', 'detection_b', 'detection_c', 'detection_d')
NO_GPU = 'there is no GPU on this machine'


@dataclass(kw_only=True)
class _Run:
    record: Record
    accounts: Accounts
    meter: Meter
    seconds: float


def run_soak(settings: SoakSettings, report: Path, json_path: Path | None, console: Console) -> int:
    """
    Return 0 when every invariant held, else 1.

    :raises ValueError: when the model cannot be loaded.
    """
    report.mkdir(parents=True, exist_ok=True)
    kinds, missing = kinds_here()
    episodes = Planner(settings.seed, kinds).episodes(settings.episode or 0)
    if settings.episode is not None:
        episodes = islice(episodes, 1)
    try:
        done = _system(settings, episodes, report, console)
    except (NotReadyError, NotHealedError) as error:
        console.print(f'restage soak: {error}', style='red', highlight=False, markup=False)
        return 1
    document = make_document(
        settings,
        done.record,
        done.accounts,
        done.meter,
        seconds=done.seconds,
        excluded=dict.fromkeys(missing, NO_GPU),
    )
    return _report(document, report, json_path, console)


def _system(
    settings: SoakSettings, episodes: Iterator[Episode], report: Path, console: Console
) -> _Run:
    """
    Run the episodes in a system of its own; return what was found.

    :raises NotReadyError: when the system does not come up.
    """
    mark = uuid.uuid4().hex
    os.environ[MARK] = mark
    with ExitStack() as stack:
        stack.callback(os.environ.pop, MARK, None)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix='restage-soak-')))
        with console.status('rendering a clip, and running the model on it without faults'):
            pictures = render_loop(folder / 'clip', settings.seed)
            accounts = Accounts(reference(load_model(settings.model), pictures))
        log = folder / 'frames.jsonl'
        options = SystemOptions(
            source=str(pictures),
            model=settings.model,
            rate_hz=settings.rate_hz,
            standbys=settings.standbys,
            frame_log=str(log),
            allow_fault_injection=True,
            fault_proxy=True,
        )
        begun_s = time.monotonic()
        inner = stack.enter_context(ExitStack())
        with console.status('starting the nodes'):
            parameters = dict.fromkeys(DETECTORS, DETECTOR)
            running = inner.enter_context(session(options, report / 'log', parameters))
        running.start_camera()
        meter = Meter(running.system.nodes, running.system.domain, begun_s)
        permits = Permits()
        watch = Watch(running, accounts, permits, LogTail(log), meter)
        soak = Soak(
            settings,
            Parts(
                session=running,
                accounts=accounts,
                permits=permits,
                meter=meter,
                watch=watch,
                begun_s=begun_s,
            ),
        )
        with showing(console, settings.minutes * 60) as progress:
            _episodes(settings, soak, episodes, progress, begun_s, console)
        seconds = time.monotonic() - begun_s
        inner.close()
        _add_last(soak.record, settings, meter, left_behind(running.system, mark), seconds)
    return _Run(record=soak.record, accounts=accounts, meter=meter, seconds=seconds)


def _episodes(
    settings: SoakSettings,
    soak: Soak,
    episodes: Iterator[Episode],
    progress: SoakProgress,
    begun_s: float,
    console: Console,
) -> None:
    """Run episodes until the time is over, or the system is."""
    soak.begin()
    for episode in episodes:
        progress.begin(episode.name)
        try:
            row = soak.run(episode)
        except NotHealedError as error:
            console.print(f'stopped: {error}', style='red', highlight=False, markup=False)
            return
        except KeyboardInterrupt:
            console.print('interrupted', highlight=False)
            return
        seconds = time.monotonic() - begun_s
        progress.end(row, soak.record, seconds)
        if seconds > settings.minutes * 60:
            return


def _add_last(
    record: Record, settings: SoakSettings, meter: Meter, left: list[str], seconds: float
) -> None:
    """Add what is only known at the end: what grew, and what was left behind."""
    found = [('leak', text) for text in leaks(meter.points.trends())]
    found += [('leftover', text) for text in left]
    last = record.episodes[-1]['episode'] if record.episodes else 0
    record.add_findings(
        Finding(
            invariant=invariant,
            text=text,
            at_s=round(seconds, 2),
            episode=last,
            phase='end',
            frame_ns=0,
            during='the whole run',
            again=f'restage soak --minutes {settings.minutes:g} --seed {settings.seed}',
        )
        for invariant, text in found
    )


def _report(
    document: dict[str, Any], report: Path, json_path: Path | None, console: Console
) -> int:
    target = report / 'soak.json'
    write(document, target)
    if json_path is not None:
        write(document, json_path)
    picture = draw(document, report / 'soak.png')
    page = write_page(document, picture, report / 'soak.html')
    console.print(result_table(document))
    frames, counts = document['frames'], document['counts']
    console.print(
        f'{counts["episodes"]} episodes, {counts["recoveries"]} recoveries; frames: '
        f'{frames["in"]} in, {frames["out"]} out, {frames["lost"]} lost '
        f'{frames["lost_by_reason"] or ""}',
        highlight=False,
    )
    for finding in (*document['documented'], *document['violations']):
        style = 'red' if not finding['documented'] else 'yellow'
        text = f'{finding["invariant"]}: {finding["text"]} ({finding["during"]}) '
        known = finding['documented'] or finding['again']
        console.print(text + known, style=style, highlight=False, markup=False)
    console.print(f'written: {target}, {picture}, {page}', highlight=False)
    return 0 if document['passed'] else 1
