# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage evaluate``: the quality and the speed of the bundled detector, measured again."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

HELP = 'measure the bundled detector: mAP on held-out scenes, time of a frame on one core'
GOAL_MAP = 0.85
GOAL_MS = 15.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        '--weights',
        default='bundled',
        help="'bundled' (default), 'bundled-hardened', or weights for them (.safetensors)",
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results here')


def run(args: argparse.Namespace) -> int:
    """Measure; 0 both goals met, 1 not so, 2 weights that cannot be used."""
    import torch
    from rich.console import Console
    from rich.progress import Progress

    from restage.detector.errors import ModelError
    from restage.detector.heldout import FRAMES, SCENES, evaluate_held_out
    from restage.detector.session import EVALUATION_THRESHOLD, show
    from restage.detector.speed import frame_times_ms
    from restage.detector.staged import load_bundled, staged
    from restage.detector.weights import load_network
    from restage.report.machine import machine, versions
    from restage.report.summary import summarize
    from restage.scene import WEATHERS
    from restage.shipped import file_of

    console = Console()
    torch.set_num_threads(1)
    weights = file_of(args.weights)
    try:
        network = load_network(weights)
    except ModelError as error:
        console.print(f'[red]restage evaluate:[/] {error}', highlight=False)
        return 2
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task('held-out frames', total=SCENES * FRAMES * len(WEATHERS))
        report = evaluate_held_out(
            staged(network, EVALUATION_THRESHOLD),
            lambda count: progress.update(task, completed=count),
        )
    show(report, console)
    times = summarize(frame_times_ms(load_bundled(weights)))
    console.print(
        f'one frame on one core: p50 {times["p50"]} ms, p99 {times["p99"]} ms, '
        f'max {times["max"]} ms (n = {times["n"]})',
        highlight=False,
    )
    if args.json is not None:
        result = {
            'schema': 1,
            'held_out': asdict(report),
            'frame_ms': times,
            'machine': machine(),
            'versions': versions(),
        }
        args.json.write_text(json.dumps(result, indent=1) + '\n')
    return 0 if report.mean >= GOAL_MAP and float(str(times['p50'])) <= GOAL_MS else 1
