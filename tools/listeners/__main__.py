# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
What those who listen cost a running system: the dashboard and the recorder.

The demonstration's system runs without faults, with one of them at a time, in turn. Read are CPU
times of the processes (proc(5)) and times from the publication of an image to the receipt of its
detections in this process. The viewer is a program that reads all that the dashboard sends.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from restage.camera.frame_log import read_frame_log
from restage.harness.dashboard import dashboard_url
from restage.harness.session import Session, session
from restage.report.machine import machine, versions
from restage.report.summary import summarize
from restage.system import SystemOptions

TICKS = os.sysconf('SC_CLK_TCK')
DASHBOARD = {'dashboard': True, 'dashboard_port': 0}
IMAGES = ('jpeg', 'png', 'raw', 'none')
ARMS: dict[str, dict[str, Any]] = {
    'nobody': {},
    'dashboard, page closed': DASHBOARD,
    'dashboard, page open': DASHBOARD,
    **{f'recorder, {images}': {'record_images': images} for images in IMAGES},
}
VIEWER = """
import asyncio, sys
from aiohttp import ClientSession, WSMsgType

async def view(url):
    async with ClientSession() as client, client.ws_connect(url + 'live') as live:
        await live.send_json({'watch': 0})
        async for message in live:
            if message.type is WSMsgType.BINARY:
                print('picture', flush=True)

asyncio.run(view(sys.argv[1]))
"""


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process."""
    stat = Path(f'/proc/{pid}/stat').read_text()
    fields = stat[stat.rindex(')') + 2 :].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def watch(system: Session, log: Path, seconds: float) -> dict[str, Any]:
    """Return what was measured of a running system in that time."""
    nodes, seen = system.system.nodes, system.observer.seen
    (primary,) = (name for name, beat in seen.heartbeats.items() if beat.role == beat.ROLE_PRIMARY)
    begun, before = monotonic(), {name: cpu_s(node.pid) for name, node in nodes.items()}
    first = seen.newest_ns
    sleep(seconds)
    last = seen.newest_ns
    took = monotonic() - begun
    used = {name: cpu_s(node.pid) - before[name] for name, node in nodes.items()}
    sleep(1.0)  # the log is written a little later
    published = {
        one.stamp_ns: one.published_monotonic_ns
        for one in read_frame_log(log)
        if first < one.stamp_ns <= last
    }
    received = {stamp: at for stamp, at, _ in list(seen.detections)}
    times = [(received[one] - at) / 1e6 for one, at in published.items() if one in received]
    return {
        'frames_in': len(published),
        'frames_out': len(times),
        'camera_to_detections_ms': summarize(times),
        'primary_cpu_ms_per_frame': 1e3 * used[primary] / len(times),
        'cpu_percent': {name: 100 * time / took for name, time in used.items()},
    }


def run(name: str, rate_hz: float, seconds: float) -> dict[str, Any]:
    """Run one system with one listener; return what was measured."""
    with tempfile.TemporaryDirectory(prefix='restage-listeners-') as place:
        folder = Path(place)
        log, bag = folder / 'frames.jsonl', folder / 'bag'
        options = dict(ARMS[name])
        if 'record_images' in options:
            options['record'] = str(bag)
        chosen = SystemOptions(frame_log=str(log), rate_hz=rate_hz, seed=11, **options)
        with session(chosen, folder / 'log') as system:
            system.start_camera()
            if not system.observer.wait_for(lambda seen: len(seen.detections) > rate_hz, 60.0):
                raise TimeoutError('no detections come out')
            viewer = None
            if name == 'dashboard, page open':
                url = dashboard_url(system.system).partition('#')[0]
                words = [sys.executable, '-c', VIEWER, url]
                viewer = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
                assert viewer.stdout
                viewer.stdout.readline()
            size = _size(bag)
            found = watch(system, log, seconds)
            if 'record' in options:
                found['recorded_mb_per_s'] = (_size(bag) - size) / 1e6 / (seconds + 1.0)
            if viewer:
                viewer.kill()
                viewer.communicate()
        return {'listener': name, **found}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob('*.mcap'))


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog='python tools/listeners', description=__doc__)
    parser.add_argument('--rounds', type=int, default=2, help='default: 2')
    parser.add_argument('--seconds', type=float, default=20.0, help='of each; default: 20')
    parser.add_argument('--rate', type=float, default=30.0, metavar='HZ', help='default: 30')
    parser.add_argument('--json', type=Path, metavar='FILE', required=True)
    args = parser.parse_args()
    runs = []
    for number in range(args.rounds):
        for name in ARMS:
            found = run(name, args.rate, args.seconds)
            runs.append({'round': number, **found})
            times = found['camera_to_detections_ms']
            shares = {one: f'{share:.0f} %' for one, share in found['cpu_percent'].items()}
            print(
                f'{name:24} {found["frames_out"]} of {found["frames_in"]} frames, '
                f'p50 {times["p50"]:.1f} ms, p99 {times["p99"]:.1f} ms, '
                f'primary {found["primary_cpu_ms_per_frame"]:.2f} ms a frame, {shares}, '
                f'{found.get("recorded_mb_per_s", 0.0):.2f} MB/s',
                flush=True,
            )
    document = {
        'schema': 1,
        'rate_hz': args.rate,
        'seconds': args.seconds,
        'runs': runs,
        'machine': machine(),
        'versions': versions(),
    }
    args.json.write_text(json.dumps(document, indent=1))
    return 0


if __name__ == '__main__':
    sys.exit(main())
