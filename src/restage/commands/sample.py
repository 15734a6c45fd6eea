# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage sample``: which faults to inject, and what the chosen ones say about all of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = 'inject faults chosen by importance, and estimate the rate of critical ones without bias'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        '--model',
        default='resnet',
        help="'resnet' (default) or 'vgg' (digits); a detector: 'bundled', 'bundled-hardened', an "
        'ONNX file, an exported PyTorch program (.pt2), or a description of one of these (.yaml); '
        'NAME=FILE: a named one with other weights',
    )
    parser.add_argument(
        '--source',
        action='append',
        metavar='SOURCE',
        help="pictures for a detector: 'road' (default: rendered, with ground truth), or a video, "
        'image, image folder or bag; may be given repeatedly',
    )
    parser.add_argument('--target', default='weights', help="'weights' or 'neurons' (outputs)")
    parser.add_argument('--fault', default='flip', help="'flip', 'stuck_at_0' or 'stuck_at_1'")
    parser.add_argument('--bits', type=int, default=1, help='neighbouring bits it hits; default: 1')
    parser.add_argument(
        '--format', default='fp32', help='numbers are kept in: fp32 (default), fp16, bf16, int8'
    )
    parser.add_argument(
        '--images', type=int, default=0, help='to run on; default: 200 digits or 14 pictures'
    )
    parser.add_argument(
        '--elements',
        type=int,
        default=1024,
        help='of the population, every fault of which is run as ground truth; 0: the population is '
        'the whole model, the ground truth a uniform sample; default: 1024',
    )
    parser.add_argument(
        '--truth', type=int, default=4000, help='size of that sample; default: 4000'
    )
    parser.add_argument(
        '--threshold', type=float, default=0.25, help='loss of quality that is critical; 0.25'
    )
    parser.add_argument('--samplers', default='', help='with commas; default: all')
    parser.add_argument('--budget', type=int, default=300, help='faults a run; default: 300')
    parser.add_argument('--runs', type=int, default=20, help='of each sampler; default: 20')
    parser.add_argument(
        '--stop', type=float, default=0.0, help='end a run at this half width of the interval'
    )
    parser.add_argument('--quick', action='store_true', help='few faults: less than a minute')
    parser.add_argument('--workers', type=int, default=0, help='processes; default: all cores')
    parser.add_argument('--seed', type=int, default=7, help='of everything that is drawn')
    parser.add_argument(
        '--report',
        type=Path,
        default=Path('report'),
        help='folder of the results; an interrupted campaign goes on there; default: report',
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results here as well')


def run(args: argparse.Namespace) -> int:
    """Run it; 0 every goal met, 1 not so, 2 bad usage."""
    import os
    from dataclasses import replace

    from rich.console import Console

    from restage.sampling.run import run_sample
    from restage.sampling.settings import SampleSettings, quick

    console = Console() if sys.stdout.isatty() else Console(width=150)
    try:
        settings = SampleSettings(
            model=args.model,
            sources=tuple(args.source or ('road',)),
            target=args.target,
            fault=args.fault,
            bits=args.bits,
            number_format=args.format,
            images=args.images,
            elements=args.elements,
            truth=args.truth,
            threshold=args.threshold,
            samplers=tuple(word.strip() for word in args.samplers.split(',') if word.strip()),
            budget=args.budget,
            runs=args.runs,
            stop=args.stop,
            seed=args.seed,
            workers=args.workers or len(os.sched_getaffinity(0)),
        )
        if args.quick:
            settings = replace(settings, **quick(settings))
        return run_sample(settings, args.report, args.json, console)
    except (ValueError, OSError) as error:
        console.print(f'restage sample: {error}', style='red', highlight=False, markup=False)
        return 2
