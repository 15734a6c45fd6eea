# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage scale``: checkpoint and recovery cost as the model grows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = 'measure checkpoints and recoveries of networks from 1 to 200 MB, and fit the growth'
EPILOG = 'Exit status: 0 done; 1 not everything could be measured; 2 bad usage.'
WIDTHS, SIDES = (8, 16, 32, 64, 112), (320, 512, 832, 1280)
QUICK_WIDTHS, QUICK_SIDES = (4, 8), (64, 128)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.epilog = EPILOG
    parser.add_argument(
        '--widths',
        type=_sizes,
        default=WIDTHS,
        help='of the networks whose weights grow, with commas; default: '
        f'{",".join(map(str, WIDTHS))}, which have 1 to 200 MB',
    )
    parser.add_argument(
        '--input', type=int, default=320, metavar='PIXELS', help='side of their input; default: 320'
    )
    parser.add_argument(
        '--inputs',
        type=_sizes,
        default=SIDES,
        help='sides of the inputs that grow, multiples of 32, with commas; default: '
        f'{",".join(map(str, SIDES))}',
    )
    parser.add_argument(
        '--width', type=int, default=16, help='of the network of these; default: 16, 4 MB'
    )
    parser.add_argument(
        '--trials', type=int, default=3, help='of each recovery; 0: none; default: 3'
    )
    parser.add_argument('--resets', type=int, default=1, help='of the process; 0: none; default: 1')
    parser.add_argument('--frames', type=int, default=15, help='for the costs; default: 15')
    parser.add_argument(
        '--quick', action='store_true', help='three tiny networks, as little as possible of each'
    )
    parser.add_argument('--seed', type=int, default=11, help='of scene, order and faults')
    parser.add_argument(
        '--report', type=Path, default=Path('report'), help='folder of the results; default: report'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results here as well')


def _sizes(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in text.split(','))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}'; accepted: numbers with commas") from None


def run(args: argparse.Namespace) -> int:
    """Run it; 0 done, 1 something is missing, 2 bad usage."""
    from rich.console import Console

    from restage.checkpoint.errors import StoreError
    from restage.scale.points import Grid
    from restage.scale.run import run_scale
    from restage.sizing.settings import SizingSettings
    from restage.stages.runner import StageError

    # Piped into a file, the tables must not be cut.
    console = Console() if sys.stdout.isatty() else Console(width=180)
    quick = args.quick
    try:
        grid = Grid(
            widths=QUICK_WIDTHS if quick else args.widths,
            side=QUICK_SIDES[0] if quick else args.input,
            sides=QUICK_SIDES if quick else args.inputs,
            width=QUICK_WIDTHS[0] if quick else args.width,
        )
        settings = SizingSettings(
            frames=3 if quick else args.frames,
            trials=1 if quick else args.trials,
            resets=1 if quick else args.resets,
            pairs=0,
            seed=args.seed,
            clip=5 if quick else 12,
        )
        return run_scale(grid, settings, args.report, args.json, console)
    except (ValueError, OSError, StoreError, StageError) as error:
        console.print(f'restage scale: {error}', style='red', highlight=False, markup=False)
        return 2
