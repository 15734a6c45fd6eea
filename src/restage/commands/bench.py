# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage bench``: recovery latency by fault class and by recovery arm, against a reset."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from restage.bench.cells import ARMS, FAULTS
from restage.commands.words import MODEL_HELP

HELP = 'measure recoveries: fault classes x recovery arms in one running system, and the overhead'
FULL_TRIALS = 30
QUICK_TRIALS = 1
QUICK_IN_PLACE = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        '--trials',
        type=int,
        default=FULL_TRIALS,
        help=f'of every cell; default: {FULL_TRIALS}, which takes about 45 minutes',
    )
    parser.add_argument(
        '--quick',
        action='store_true',
        help=f'{QUICK_TRIALS} trial of every cell, {QUICK_IN_PLACE} of those in place: 2 minutes',
    )
    parser.add_argument(
        '--arms', type=_list_of(tuple(ARMS)), default=tuple(ARMS), help=', '.join(ARMS)
    )
    parser.add_argument(
        '--faults', type=_list_of(tuple(FAULTS)), default=tuple(FAULTS), help=', '.join(FAULTS)
    )
    parser.add_argument(
        '--load', action='store_true', help='with a process that computes without end on every core'
    )
    parser.add_argument('--model', default='bundled', help=MODEL_HELP)
    parser.add_argument(
        '--source',
        default='',
        help='pictures for the camera: a video, a folder of images or a rosbag2; default: two '
        'seconds of rendered road',
    )
    parser.add_argument('--plan', default='', help='checkpoint plan (YAML, from `restage plan`)')
    parser.add_argument(
        '--pairs', type=int, default=1000, help='frames to measure the overhead on; default: 1000'
    )
    parser.add_argument('--seed', type=int, default=11, help='of scene, order and faults')
    parser.add_argument(
        '--report', type=Path, default=Path('report'), help='folder of the results; default: report'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results here as well')


def _list_of(accepted: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        words = tuple(word.strip() for word in text.split(',') if word.strip())
        unknown = [word for word in words if word not in accepted]
        if unknown or not words:
            raise argparse.ArgumentTypeError(
                f"'{', '.join(unknown) or text}'; accepted, with commas: {', '.join(accepted)}"
            )
        return words

    return parse


def run(args: argparse.Namespace) -> int:
    """Run it; 0 every goal met, 1 not so or interrupted, 2 bad usage."""
    from rich.console import Console

    from restage.bench.report import run_bench
    from restage.bench.run import BenchSettings
    from restage.shipped import portable

    # Piped into a file, the tables must not be cut.
    console = Console() if sys.stdout.isatty() else Console(width=100)
    if args.trials < 1 or args.pairs < 1:
        console.print('[red]restage bench:[/] --trials and --pairs must be at least 1')
        return 2
    settings = BenchSettings(
        model=portable(args.model),
        arms=args.arms,
        faults=args.faults,
        trials=QUICK_TRIALS if args.quick else args.trials,
        in_place_trials=QUICK_IN_PLACE if args.quick else args.trials,
        pairs=min(args.pairs, 200) if args.quick else args.pairs,
        seed=args.seed,
        load=args.load,
        source=str(Path(args.source).resolve()) if args.source else '',
        plan=str(Path(args.plan).resolve()) if args.plan else '',
    )
    return run_bench(settings, args.report, args.json, console)
