# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage train``: train the bundled detector on rendered scenes."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = 'train the bundled detector on rendered scenes and measure it on held-out ones'
GOAL = 0.85


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument('--out', type=Path, required=True, help='weights file (.safetensors)')
    parser.add_argument('--seed', type=int, default=1, help='seed of scenes and weights')
    parser.add_argument('--frames', type=int, default=4000, help='training frames to render')
    parser.add_argument('--epochs', type=int, default=5, help='passes over the frames')
    parser.add_argument(
        '--quick', action='store_true', help='seconds, not a quarter of an hour (a test)'
    )
    parser.add_argument('--json', type=Path, help='write the measured quality here')
    parser.add_argument('--workers', type=int, default=2, help='rendering processes')


def run(args: argparse.Namespace) -> int:
    """Train, save, evaluate; 0 done, 1 goal missed (never with --quick), 2 bad usage."""
    from rich.console import Console

    console = Console(stderr=True)
    for name, lowest in (('seed', 0), ('frames', 1), ('epochs', 1), ('workers', 1)):
        if getattr(args, name) < lowest:
            console.print(f'--{name} must be at least {lowest}, got {getattr(args, name)}')
            return 2
    for path in (args.out, args.json):
        if path is not None and not path.resolve().parent.is_dir():
            console.print(f"folder '{path.resolve().parent}' does not exist")
            return 2
    from restage.detector.session import train_and_measure

    mean = train_and_measure(
        out=args.out,
        json_path=args.json,
        seed=args.seed,
        frames=args.frames,
        epochs=args.epochs,
        workers=args.workers,
        quick=args.quick,
        console=console,
    )
    return 0 if args.quick or mean >= GOAL else 1
