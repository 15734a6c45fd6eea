# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage study``: what programming errors do to deep-learning frameworks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = 'make the programming errors of applications in every framework, and see what comes of them'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument('--trials', type=int, default=20, help='of every cell; default: 20')
    parser.add_argument('--quick', action='store_true', help='each cell once: under 3 minutes')
    parser.add_argument(
        '--frameworks', default='', help='with commas; default: all, of which those here are used'
    )
    parser.add_argument('--errors', default='', help='with commas; default: all')
    parser.add_argument(
        '--jobs', type=int, default=0, help='trials at a time; default: as many as cores'
    )
    parser.add_argument('--seed', type=int, default=31, help='of the trials; default: 31')
    parser.add_argument('--list', action='store_true', help='list frameworks and errors, and end')
    parser.add_argument(
        '--results',
        type=Path,
        default=Path('docs/results'),
        help='folder with bench.json, for what the tiers of Restage take; default: docs/results',
    )
    parser.add_argument(
        '--report',
        type=Path,
        default=Path('report'),
        help='folder of the results; an interrupted study goes on there; default: report',
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results here as well')


def run(args: argparse.Namespace) -> int:
    """Run it; 0 done, 2 bad usage."""
    from rich.console import Console

    from restage.study.run import run_study
    from restage.study.settings import StudySettings, quick

    console = Console() if sys.stdout.isatty() else Console(width=120)
    if args.list:
        return _list()
    try:
        settings = StudySettings(
            trials=args.trials,
            seed=args.seed,
            frameworks=_words(args.frameworks),
            mistakes=_words(args.errors),
            jobs=args.jobs,
        )
        if args.quick:
            settings = quick(settings)
        return run_study(settings, args.report, args.json, args.results, console)
    except (ValueError, OSError) as error:
        console.print(f'restage study: {error}', style='red', highlight=False, markup=False)
        return 2


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(',') if word.strip())


def _list() -> int:
    from restage.study.frameworks import FRAMEWORKS
    from restage.study.mistakes import MISTAKES

    print('frameworks:')
    for framework in FRAMEWORKS.values():
        print(f'  {framework.name:24}{framework.route}')
    print('errors:')
    for mistake in MISTAKES.values():
        print(f'  {mistake.name:24}CWE-{mistake.cwe}: {mistake.what}')
    return 0
