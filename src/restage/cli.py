# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The command line: ``restage COMMAND``."""

from __future__ import annotations

import argparse
import importlib
import sys

COMMANDS = (
    'demo',
    'record',
    'report',
    'bench',
    'compare',
    'scale',
    'plan',
    'inject',
    'soak',
    'dashboard',
    'coverage',
    'study',
    'sample',
    'harden',
    'calibrate',
    'train',
    'evaluate',
    'export',
)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    parser = argparse.ArgumentParser(
        prog='restage',
        description='Fault-tolerant camera perception for ROS 2.',
        epilog='Exit status: 0 done, 1 goal missed or fault not survived, 2 bad usage.',
    )
    commands = parser.add_subparsers(dest='command', metavar='COMMAND', required=True)
    for name in COMMANDS:
        module = importlib.import_module(f'restage.commands.{name}')
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def main(words: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    args = make_parser().parse_args(words)
    try:
        return int(args.run(args))
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        return 1


if __name__ == '__main__':
    raise SystemExit(main())
