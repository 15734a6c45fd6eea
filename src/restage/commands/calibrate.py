# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage calibrate``: what the values of a model are on clean frames."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from restage.commands.words import MODEL_HELP

HELP = 'run a model on clean frames and write the ranges of its values beside it'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        'model',
        nargs='?',
        default='bundled',
        help=MODEL_HELP,
    )
    parser.add_argument(
        '--source',
        action='append',
        metavar='SOURCE',
        help="'road' (default: rendered, in every weather), or a video, image folder or bag; may "
        'be given repeatedly',
    )
    parser.add_argument('--frames', type=int, default=5_000, help='of each source; default: 5000')
    parser.add_argument(
        '--out', type=Path, metavar='FILE', help='default: beside the model, where it is looked for'
    )


def run(args: argparse.Namespace) -> int:
    """Calibrate; 0 done, 2 bad usage."""
    from rich.console import Console

    console = Console() if sys.stdout.isatty() else Console(width=110)
    if args.frames < 1:
        console.print('restage calibrate: --frames must be at least 1', style='red')
        return 2
    try:
        return _run(args, console)
    except (ValueError, OSError) as error:
        console.print(f'restage calibrate: {error}', style='red', highlight=False, markup=False)
        return 2


def _run(args: argparse.Namespace, console: object) -> int:
    from itertools import chain

    import torch
    from rich.console import Console

    from restage.coverage.frames import CALIBRATION_SEEDS, sequences
    from restage.detect.calibrate import calibrate
    from restage.stages.loading import calibration_of, load_model

    assert isinstance(console, Console)
    torch.set_num_threads(1)  # as in a detection node: other numbers round otherwise
    model = load_model(args.model)
    sources = args.source or ['road']
    todo = [one for source in sources for one in sequences(source, args.frames, CALIBRATION_SEEDS)]
    out = args.out or calibration_of(args.model)
    with console.status(f'{model.name}: up to {args.frames} frames of {", ".join(sources)}'):
        found = calibrate(
            model, chain.from_iterable(one.frames() for one in todo), ', '.join(sources)
        )
    found.save(out)
    limits = ', '.join(f'{what} {value:.3f}' for what, value in found.plausibility.items())
    console.print(
        f'{found.frames} frames: ranges of {len(found.ranges)} tensors; limits of events: '
        f'{limits or "none"}\nwritten: {out}',
        highlight=False,
    )
    return 0
