# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage harden``: fault-aware training with a sampler in the loop."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = 'train a network with critical faults in its weights, and measure what it gains'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        '--model',
        default='resnet',
        help="'resnet' (default) or 'vgg' (digits), 'bundled' (detector)",
    )
    parser.add_argument('--out', type=Path, required=True, help='hardened weights (.safetensors)')
    parser.add_argument('--epochs', type=int, default=6, help='of training; default: 6')
    parser.add_argument(
        '--trials', type=int, default=100, help='of the sampler before each epoch; default: 100'
    )
    parser.add_argument(
        '--critical', type=int, default=25, help='faults each sampler is to find; default: 25'
    )
    parser.add_argument(
        '--most', type=int, default=6000, help='trials in which it has to; default: 6000'
    )
    parser.add_argument(
        '--threshold', type=float, default=0.05, help='loss of accuracy that is critical; 0.05'
    )
    parser.add_argument(
        '--images', type=int, default=0, help='to measure on; default: 200 digits, 14 frames'
    )
    parser.add_argument(
        '--elements',
        type=int,
        default=0,
        help='of the weights, chosen at random, that are searched; default 0: all',
    )
    parser.add_argument(
        '--frames', type=int, default=1600, help='the detector is trained on; default: 1600'
    )
    parser.add_argument('--quick', action='store_true', help='a minute; proves nothing')
    parser.add_argument('--seed', type=int, default=5, help='of training and sampling')
    parser.add_argument(
        '--report', type=Path, default=Path('report'), help='folder of the results; default: report'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results here as well')


def run(args: argparse.Namespace) -> int:
    """Run it; 0 every goal met, 1 not so, 2 bad usage."""
    from dataclasses import replace

    from rich.console import Console

    from restage.hardening.run import run_harden
    from restage.hardening.settings import HardenSettings
    from restage.stages.loading import BUNDLED

    console = Console() if sys.stdout.isatty() else Console(width=110)
    try:
        settings = HardenSettings(
            model=args.model,
            epochs=args.epochs,
            trials=args.trials,
            critical=args.critical,
            most=args.most,
            threshold=args.threshold,
            images=args.images,
            elements=args.elements,
            frames=args.frames,
            seed=args.seed,
        )
        if args.quick:
            few = 7 if args.model == BUNDLED else 20
            settings = replace(
                settings,
                epochs=1,
                trials=40,
                critical=4,
                most=300,
                rate_trials=60,
                images=few,
                elements=2048,
                frames=16,
                held_out=1,
            )
        return run_harden(settings, args.out, args.report, args.json, console)
    except (ValueError, ArithmeticError, OSError) as error:
        console.print(f'restage harden: {error}', style='red', highlight=False, markup=False)
        return 2
