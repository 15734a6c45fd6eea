# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage demo``: the whole system on one machine, with faults, and what became of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from restage.commands.words import MODEL_HELP

HELP = 'run camera, primary, standby, recovery and injector; inject faults; report the recoveries'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        '--source',
        default='synthetic',
        help='synthetic (default), a video file, a folder of images or a rosbag2',
    )
    parser.add_argument('--model', default='bundled', help=MODEL_HELP)
    parser.add_argument(
        '--scenario',
        default='',
        help='a name in config/scenarios or a YAML file; default: the faults a recorded source '
        'holds, on the same frames, else standard',
    )
    parser.add_argument(
        '--frames',
        type=int,
        help='camera frames to publish; default: as many as the scenario takes; of a source with '
        'faults those it has',
    )
    parser.add_argument(
        '--seed', type=int, default=11, help='of the synthetic scene; default: 11, a clear day'
    )
    parser.add_argument(
        '--report', type=Path, default=Path('report'), help='folder of the results; default: report'
    )
    parser.add_argument(
        '--record', default='', metavar='PATH', help='record the run there, as a rosbag2 (MCAP)'
    )
    parser.add_argument(
        '--record-images',
        choices=('jpeg', 'png', 'raw', 'none'),
        default='jpeg',
        help='images of the recording; default: jpeg. raw and png keep every bit',
    )
    parser.add_argument(
        '--record-quality',
        type=int,
        default=90,
        help='of JPEG images, 1 to 100; default: 90',
    )
    parser.add_argument(
        '--dashboard',
        nargs='?',
        type=int,
        const=8650,
        metavar='PORT',
        help='show the run on a web page of this machine, too; port 8650 unless given (0: a free '
        'one). In a terminal the camera then plays on until Enter is pressed',
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results here as well')


def run(args: argparse.Namespace) -> int:
    """Run it; 0 every fault survived within its goal, 1 not so, 2 bad usage."""
    from rich.console import Console

    from restage.demo.request import DemoRequest, UsageError
    from restage.demo.run import run_demo

    # Piped into a file, the table must not be cut.
    console = Console() if sys.stdout.isatty() else Console(width=100)
    try:
        request = DemoRequest.checked(
            source=args.source,
            model=args.model,
            scenario=args.scenario,
            frames=args.frames,
            seed=args.seed,
            report=args.report,
            record=args.record,
            record_images=args.record_images,
            record_quality=args.record_quality,
            dashboard_port=args.dashboard,
        )
    except UsageError as error:
        console.print(f'[red]restage demo:[/] {error}', highlight=False)
        return 2
    return run_demo(request, console, args.json)
