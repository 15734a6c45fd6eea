# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage plan``: where to checkpoint a model on this machine, by measured costs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from restage.commands.words import MODEL_HELP

HELP = 'measure a model here and choose where to checkpoint: least worst case under an overhead cap'
EPILOG = (
    'Exit status: 0 done; 1 no checkpoint is within the cap or none helps, so that the plan has '
    'no boundaries; 2 bad usage, or a model or store that cannot be used.'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.epilog = EPILOG
    parser.add_argument(
        'model',
        nargs='?',
        default='bundled',
        help=MODEL_HELP,
    )
    parser.add_argument(
        '--device', default='cpu', help="'cpu' (default), 'cuda' or 'cuda:N': where to measure"
    )
    parser.add_argument(
        '--overhead',
        type=float,
        default=1.0,
        metavar='PERCENT',
        help="most that checkpoints may cost, of a frame's own compute time; default: 1.0",
    )
    parser.add_argument('--frames', type=int, default=100, help='frames to measure; default: 100')
    parser.add_argument(
        '--seed', type=int, default=11, help='of the rendered road; default: 11, a clear day'
    )
    parser.add_argument(
        '--store-image',
        action='store_true',
        help='store the image too, for a standby that did not receive it: it takes part of the cap',
    )
    parser.add_argument(
        '--out',
        type=Path,
        default=Path('report'),
        metavar='DIR',
        help='folder of plan.yaml and plan.png; default: report',
    )
    parser.add_argument('--yaml', type=Path, metavar='FILE', help='write the plan here instead')
    parser.add_argument('--png', type=Path, metavar='FILE', help='draw the trade-off here instead')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the measurements here')


def run(args: argparse.Namespace) -> int:
    """Plan; 0 done, 1 a plan without boundaries, 2 bad usage."""
    from rich.console import Console

    from restage.checkpoint.errors import StoreError
    from restage.plan.errors import PlanError
    from restage.plan.request import PlanRequest
    from restage.plan.run import run_plan
    from restage.stages.runner import StageError

    # Piped into a file, the tables must not be cut.
    console = Console() if sys.stdout.isatty() else Console(width=100)
    try:
        request = PlanRequest.checked(
            model=args.model,
            device=args.device,
            frames=args.frames,
            overhead=args.overhead,
            seed=args.seed,
            store_image=args.store_image,
            out=args.out,
            yaml=args.yaml,
            png=args.png,
            json=args.json,
        )
        return run_plan(request, console)
    except (PlanError, StageError, StoreError, OSError) as error:
        console.print(f'[red]restage plan:[/] {error}', highlight=False)
        return 2
