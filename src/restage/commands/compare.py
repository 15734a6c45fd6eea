# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage compare``: models side by side, their costs and their recoveries."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from restage.commands.words import MODEL_HELP

HELP = 'measure models side by side: stages, checkpoints, overhead, and recoveries over real nodes'
EPILOG = 'Exit status: 0 done; 1 not everything could be measured; 2 bad usage.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.epilog = EPILOG
    parser.add_argument(
        'models',
        nargs='*',
        metavar='MODEL',
        help=f'{MODEL_HELP}, or resnet50_fpn: a network of that size with random weights, made '
        'here; default: bundled resnet50_fpn',
    )
    parser.add_argument(
        '--input',
        type=int,
        default=320,
        metavar='PIXELS',
        help='side of the input of resnet50_fpn, a multiple of 32; default: 320',
    )
    parser.add_argument(
        '--overhead',
        type=float,
        default=5.0,
        metavar='PERCENT',
        help='plan the checkpoints of each under this cap; default: 5',
    )
    parser.add_argument(
        '--trials', type=int, default=5, help='of each recovery; 0: none; default: 5'
    )
    parser.add_argument('--resets', type=int, default=3, help='of the process; 0: none; default: 3')
    parser.add_argument('--frames', type=int, default=40, help='for stage times; default: 40')
    parser.add_argument(
        '--pairs', type=int, default=60, help='frames to measure the overhead on; default: 60'
    )
    parser.add_argument('--quick', action='store_true', help='as little of each as possible')
    parser.add_argument(
        '--source',
        default='',
        help='pictures for the camera: a video, a folder of images or a rosbag2; default: rendered '
        'road',
    )
    parser.add_argument('--seed', type=int, default=11, help='of scene, order and faults')
    parser.add_argument(
        '--report', type=Path, default=Path('report'), help='folder of the results; default: report'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results here as well')


def run(args: argparse.Namespace) -> int:
    """Run it; 0 done, 1 something is missing, 2 bad usage."""
    from rich.console import Console

    from restage.checkpoint.errors import StoreError
    from restage.compare.run import LARGE, run_compare
    from restage.sizing.settings import SizingSettings
    from restage.stages.runner import StageError

    # Piped into a file, the tables must not be cut.
    console = Console() if sys.stdout.isatty() else Console(width=120)
    try:
        settings = SizingSettings(
            frames=3 if args.quick else args.frames,
            trials=1 if args.quick else args.trials,
            resets=1 if args.quick else args.resets,
            pairs=5 if args.quick else args.pairs,
            seed=args.seed,
            cap_percent=args.overhead,
            clip=5 if args.quick else SizingSettings.clip,
            source=str(Path(args.source).resolve()) if args.source else '',
        )
        models = args.models or ['bundled', LARGE]
        return run_compare(models, args.input, settings, args.report, args.json, console)
    except (ValueError, OSError, StoreError, StageError) as error:
        console.print(f'restage compare: {error}', style='red', highlight=False, markup=False)
        return 2
