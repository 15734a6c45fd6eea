# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Fuzz every input for a while with atheris, and write what was tried and found as JSON."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from restage.report.machine import machine, versions

ROOT = Path(__file__).resolve().parents[2]
TARGETS = (
    'image',
    'fault_command',
    'fault_event',
    'order',
    'cdr',
    'recovery',
    'dashboard_body',
    'dashboard_socket',
    'dashboard_headers',
    'scenario',
    'trace',
    'plan',
    'description',
    'calibration',
    'coverage_journal',
    'sample_journal',
    'study_journal',
    'study_events',
    'bench_results',
    'run_description',
    'onnx',
    'safetensors',
    'classifier',
    'pt2',
    'bag',
    'bag_sqlite',
    'bag_metadata',
    'picture',
    'video',
    'recording',
    'recorded_note',
    'recorded_message',
    'store',
    'control',
    'golden',
)
SLOWEST_S, MOST_MB = 20, 4096
_ACCEPTED = re.compile(r'^accepted: (\d+) of (\d+)$', re.M)
_LAST = re.compile(r'#(\d+)\s+\w+.*?cov: (\d+) ft: (\d+) corp: (\d+)')


def fuzz(name: str, seconds: int, folder: Path) -> dict[str, object]:
    """Fuzz one input for ``seconds``; a finding ends it sooner."""
    corpus, found = folder / name, folder / 'findings'
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(exist_ok=True)
    limits = [f'-max_total_time={seconds}', f'-timeout={SLOWEST_S}', f'-rss_limit_mb={MOST_MB}']
    prefix = f'-artifact_prefix={found}/{name}-'
    command = [sys.executable, str(Path(__file__).with_name('one.py')), name, str(corpus)]
    begun = time.monotonic()
    run = subprocess.run(
        [*command, *limits, prefix, '-max_len=65536'],
        capture_output=True,
        text=True,
        errors='replace',
        check=False,
    )
    progress = _LAST.findall(run.stderr)
    accepted, counted = map(int, [('0', '0'), *_ACCEPTED.findall(run.stdout)][-1])
    inputs, edges, features, kept = map(int, progress[-1]) if progress else (0, 0, 0, 0)
    error = re.findall(r'^(?:Uncaught Python exception|=+.*ERROR).*(?:\n.*){1,2}', run.stderr, re.M)
    return {
        'inputs': inputs,
        'accepted_percent': round(100 * accepted / counted, 1) if counted else None,
        'edges': edges,
        'features': features,
        'corpus': kept,
        'seconds': round(time.monotonic() - begun, 1),
        'findings': [path.name for path in sorted(found.glob(f'{name}-*'))],
        'error': ' '.join(error[0].split())[:300] if error else '',
        'status': run.returncode,
    }


def main() -> int:
    """Return 0 when nothing was found, else 1."""
    parser = argparse.ArgumentParser(description='Fuzz every input with atheris.')
    parser.add_argument('--minutes', type=float, default=1.0, help='for each target; default: 1')
    parser.add_argument('--json', type=Path, help='write the figures here')
    parser.add_argument('--corpus', type=Path, help='keep inputs here; default: a new folder')
    parser.add_argument('targets', nargs='*', metavar='TARGET', help=', '.join(TARGETS))
    args = parser.parse_args()
    unknown = set(args.targets) - set(TARGETS)
    if unknown:
        parser.error(f'unknown target {", ".join(sorted(unknown))}; accepted: {", ".join(TARGETS)}')
    folder = args.corpus or Path(tempfile.mkdtemp(prefix='restage-corpus-'))
    os.environ['PYTHONPATH'] = os.pathsep.join(
        [str(ROOT / 'src'), *filter(None, [os.environ.get('PYTHONPATH')])]
    )
    figures: dict[str, dict[str, object]] = {}
    document = {
        'schema': 1,
        'engine': f'atheris {version("atheris")}',
        'targets': figures,
        'machine': machine(),
        'versions': versions(),
    }
    for name in args.targets or TARGETS:
        found = fuzz(name, round(args.minutes * 60), folder)
        figures[name] = {'minutes': args.minutes, **found}
        print(
            f'{name:14} {found["inputs"]:>9} inputs, {found["edges"]:>6} edges, '
            f'{len(found["findings"])} findings {found["error"]}',
            flush=True,
        )
        if args.json:
            args.json.parent.mkdir(parents=True, exist_ok=True)
            args.json.write_text(json.dumps(document, indent=1) + '\n')
    print(f'corpus and findings: {folder}')
    return 1 if any(one['status'] for one in figures.values()) else 0


if __name__ == '__main__':
    raise SystemExit(main())
