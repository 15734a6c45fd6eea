# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage soak``: random faults for minutes or hours, and invariants all the while."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from restage.commands.words import MODEL_HELP

HELP = 'random faults in the running system for as long as asked; what must always hold is checked'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        '--minutes', type=float, default=10.0, help='how long to go on; default: 10'
    )
    parser.add_argument(
        '--seed', type=int, default=1, help='decides all that is random; default: 1'
    )
    parser.add_argument(
        '--episode', type=int, metavar='K', help='run this episode of the seed alone'
    )
    parser.add_argument('--model', default='bundled', help=MODEL_HELP)
    parser.add_argument(
        '--standbys', type=int, default=1, choices=(1, 2, 3), help='beside the primary; default: 1'
    )
    parser.add_argument(
        '--rate', type=float, default=30.0, metavar='HZ', help='of the camera; default: 30'
    )
    parser.add_argument(
        '--ftti-ms',
        type=float,
        default=300.0,
        help='from a single fault to the next good output; default: 300',
    )
    parser.add_argument(
        '--double-s',
        type=float,
        default=45.0,
        help='the same where there may be nobody to take over; default: 45',
    )
    parser.add_argument(
        '--heal-s',
        type=float,
        default=60.0,
        help='from the last fault until all is well again; default: 60',
    )
    parser.add_argument(
        '--report', type=Path, default=Path('report'), help='folder of the results; default: report'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results here as well')


def run(args: argparse.Namespace) -> int:
    """Run it; 0 every invariant held, 1 not so, 2 bad usage."""
    from rich.console import Console

    from restage.shipped import portable
    from restage.soak.run import run_soak
    from restage.soak.settings import SoakSettings

    console = Console() if sys.stdout.isatty() else Console(width=120)
    try:
        settings = SoakSettings(
            minutes=args.minutes,
            seed=args.seed,
            episode=args.episode,
            model=portable(args.model),
            standbys=args.standbys,
            rate_hz=args.rate,
            ftti_ms=args.ftti_ms,
            double_s=args.double_s,
            heal_s=args.heal_s,
        )
        return run_soak(settings, args.report, args.json, console)
    except (ValueError, OSError) as error:
        console.print(f'restage soak: {error}', style='red', highlight=False, markup=False)
        return 2
