# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Commands of restage: parsed by its own parser, what they name looked up, quick ones run."""

from __future__ import annotations

import argparse
import contextlib
import io
from collections.abc import Collection
from pathlib import Path

from doccheck.files import Files, looks_like_file
from doccheck.shell import Command
from doccheck.wrong import WrongError

# Destinations of options that name what is written.
WRITTEN = ('json', 'out', 'report', 'yaml', 'png', 'html')
# What a command writes into its report folder, for other commands to read.
PRODUCTS = {'plan': ('plan.yaml',), 'sample': ('sample-critical.yaml',), 'demo': ('demo.json',)}
# Of the sources that the documentation plays, and what a last recovery may take.
RATE_HZ = 30
AFTER_LAST_S = 2.0
# Prints and ends: run for real.
QUICK = ('--list', '--help', '--version')


def check_restage(command: Command, files: Files) -> None:
    """
    Check one command.

    :raises WrongError: when it does not parse, or names what is not there.
    """
    args = check_words(list(command.words[1:]))
    if args is None:
        return
    for name, value in vars(args).items():
        for one in value if isinstance(value, (list, tuple)) else [value]:
            text = str(one).rpartition('=')[2] if isinstance(one, str) else str(one)
            if name in WRITTEN and one is not None:
                files.make(text)
            elif isinstance(one, (str, Path)) and looks_like_file(text):
                files.check(text)
    _names(args)
    folder = getattr(args, 'report', None) or getattr(args, 'out', None) or Path('report')
    for product in PRODUCTS.get(args.command, ()):
        files.make(str(folder / product))
    if args.command == 'plan' and args.model != 'bundled':
        files.make(str(folder / f'{Path(args.model).stem}.yaml'))


def check_words(words: list[str]) -> argparse.Namespace | None:
    """
    Return the arguments as the command's own parser takes them; None of one that was run.

    :raises WrongError: with what the parser says, or when a quick command fails.
    """
    if any(word in QUICK for word in words):
        _run(words)
        return None
    from restage.cli import make_parser

    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return make_parser().parse_args(words)
    except SystemExit:
        raise WrongError(said.getvalue().strip().splitlines()[-1]) from None


def _run(words: list[str]) -> None:
    from restage.cli import main

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            status = main(words)
        except SystemExit as end:
            status = int(end.code or 0)
    if status != 0 or not said.getvalue().strip():
        raise WrongError(f'restage {" ".join(words)} ends with {status}: {said.getvalue()[-300:]}')


def _names(args: argparse.Namespace) -> None:
    """Look up names that the command itself looks up only when it runs."""
    try:
        if args.command == 'inject':
            from restage.commands.inject import fault_from_arguments

            fault_from_arguments(args)
        elif args.command == 'demo':
            _long_enough(args)
        elif args.command == 'study':
            from restage.study.frameworks import FRAMEWORKS
            from restage.study.mistakes import MISTAKES

            _known(args.frameworks, FRAMEWORKS)
            _known(args.errors, MISTAKES)
        elif args.command == 'sample':
            from restage.sampling.samplers.registry import samplers

            _known(args.samplers, samplers())
    except (ValueError, FileNotFoundError) as error:
        raise WrongError(str(error)) from None


def _long_enough(args: argparse.Namespace) -> None:
    """See that the last fault of a bundled scenario has its turn before the frames are over."""
    from restage.config import find_scenario
    from restage.faults.scenario_file import load_scenario

    if args.scenario and looks_like_file(args.scenario):
        return
    scenario = load_scenario(find_scenario(args.scenario or 'standard'))
    if args.frames is None:
        return
    last_s = max(at_s for at_s, _ in scenario.schedule())
    needed = round((last_s + AFTER_LAST_S) * RATE_HZ)
    if args.frames < needed:
        raise ValueError(
            f"scenario '{args.scenario}' has its last fault after {last_s:g} s: it needs "
            f'--frames {needed}, not {args.frames}'
        )


def _known(names: str, accepted: Collection[str]) -> None:
    for name in filter(None, names.split(',')):
        if name not in accepted:
            raise ValueError(f"'{name}'; accepted: {', '.join(accepted)}")
