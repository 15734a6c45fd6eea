# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage report``: the report of a run again, from its recording."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = 'rebuild the report of a run from its recording (a rosbag2)'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument('bag', type=Path, help='a recording: its folder, or a .mcap or .db3 file')
    parser.add_argument(
        '--model', default='', help='where the model is now, if not where it was; to compare bits'
    )
    parser.add_argument(
        '--report', type=Path, help='folder of the results; default: report/NAME OF THE BAG'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results here as well')


def run(args: argparse.Namespace) -> int:
    """Run it; 0 every fault survived within its goal, 1 not so, 2 bad usage."""
    from rich.console import Console
    from rich.markup import escape

    from restage.demo.evidence import GoldenRun
    from restage.demo.recorded import RecordedRun
    from restage.demo.report import report
    from restage.demo.rerun import comparable_model
    from restage.demo.run import fault_free_run
    from restage.recording.reader import Recording

    console = Console() if sys.stdout.isatty() else Console(width=100)
    folder = args.report or Path('report') / args.bag.resolve().stem
    try:
        recording = Recording(args.bag)
        recorded = RecordedRun(recording)
        model, why_not = comparable_model(recording, recorded, args.model)
        evidence = recorded.evidence(why_not)
        golden: GoldenRun = {}
        if recording.start.get('images') != 'none':
            golden = fault_free_run(evidence, model, recorded.images(), console)
        folder.mkdir(parents=True, exist_ok=True)
    except (ValueError, OSError) as error:
        console.print(f'[red]restage report:[/] {escape(str(error))}', highlight=False)
        return 2
    if evidence.recording['cut'] or not evidence.recording['ended']:
        console.print('[yellow]the recording was cut off: this is what is whole[/]')
    lost = {**evidence.recording['missing'], **evidence.recording['dropped']}
    for topic, count in lost.items():
        console.print(
            f'[yellow]not recorded:[/] {count} messages of {escape(topic)}', highlight=False
        )
    return report(evidence, golden, folder, console, args.json)
