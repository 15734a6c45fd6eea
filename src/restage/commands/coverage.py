# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage coverage``: which faults of the network the error detectors see."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from restage.commands.words import MODEL_HELP

HELP = 'inject faults into the network on real sequences and count what the error detectors see'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument('--faults', type=int, default=4_500, help='to inject; default: 4500')
    parser.add_argument(
        '--clean-frames', type=int, default=5_000, help='to look for false alarms in; default: 5000'
    )
    parser.add_argument('--quick', action='store_true', help='300 frames, 270 faults: a minute')
    parser.add_argument(
        '--source',
        action='append',
        metavar='SOURCE',
        help="'road' (default: rendered, with ground truth, in every weather), or a video, image "
        'folder or bag; may be given repeatedly',
    )
    parser.add_argument('--kinds', default='', help='of faults, with commas; default: all nn.*')
    parser.add_argument('--model', default='bundled', help=MODEL_HELP)
    parser.add_argument(
        '--calibration',
        default='',
        help='from `restage calibrate`; default: the file beside the model',
    )
    parser.add_argument(
        '--margin', type=float, default=0.5, help='of the range monitor; default: 0.5'
    )
    parser.add_argument(
        '--pairs', type=int, default=300, help='frames to measure the cost on; default: 300'
    )
    parser.add_argument('--seed', type=int, default=21, help='of the faults')
    parser.add_argument(
        '--report',
        type=Path,
        default=Path('report'),
        help='folder of the results; an interrupted campaign goes on there; default: report',
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results here as well')


def run(args: argparse.Namespace) -> int:
    """Run it; 0 every goal met, 1 not so, 2 bad usage."""
    from rich.console import Console

    from restage.coverage.run import quick, run_coverage
    from restage.coverage.settings import CoverageSettings

    console = Console() if sys.stdout.isatty() else Console(width=110)
    try:
        settings = CoverageSettings(
            model=args.model,
            calibration=args.calibration,
            sources=tuple(args.source or ('road',)),
            clean_frames=args.clean_frames,
            faults=args.faults,
            seed=args.seed,
            pairs=args.pairs,
            margin=args.margin,
            kinds=tuple(word.strip() for word in args.kinds.split(',') if word.strip()),
        )
        if args.quick:
            settings = quick(settings)
        return run_coverage(settings, args.report, args.json, console)
    except (ValueError, OSError) as error:
        console.print(f'restage coverage: {error}', style='red', highlight=False, markup=False)
        return 2
