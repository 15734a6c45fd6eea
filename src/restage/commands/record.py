# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage record``: record a running system."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields

from restage.recording.errors import RecordingError
from restage.recording.settings import RecordSettings

HELP = 'record images, detections, faults and recoveries of a running system as a rosbag2 (MCAP)'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    for item in fields(RecordSettings):
        text = item.metadata['description']
        if item.name == 'path':
            parser.add_argument('path', help=text)
        elif isinstance(item.default, bool):
            parser.add_argument(f'--{item.name}', action='store_true', help=text)
        else:
            parser.add_argument(
                f'--{item.name.replace("_", "-")}',
                type=type(item.default),
                default=item.default,
                choices=item.metadata['choices'] or None,
                help=f'{text}; default: {item.default}',
            )
    parser.add_argument('--namespace', default='', help='namespace of the system')
    parser.add_argument('--cameras', default='', help='names of its cameras, with commas between')
    parser.add_argument(
        '--model', default='', help='the model it runs, for the report; default: not known'
    )


def run(args: argparse.Namespace) -> int:
    """Record until Ctrl-C; 0 done, 1 something went wrong, 2 bad usage."""
    import json
    import os
    from pathlib import Path

    from restage.harness.environment import transport_environment
    from restage.nodes.recorder_node import main
    from restage.shipped import portable

    given = {item.name: getattr(args, item.name) for item in fields(RecordSettings)}
    given['path'] = str(Path(args.path).expanduser().resolve())
    try:
        RecordSettings(**given)
        if Path(given['path']).exists() and not args.overwrite:
            raise RecordingError(f"'{args.path}' exists already; give another path, or --overwrite")
    except RecordingError as error:
        print(f'restage record: {error}', file=sys.stderr)
        return 2
    os.environ.update(transport_environment(os.environ))
    model = portable(args.model) if args.model else ''
    given |= {
        'cameras': [name.strip() for name in args.cameras.split(',')],
        'run': json.dumps({'model': model, 'cameras': args.cameras}),
    }
    words = ['--ros-args', '-r', '__node:=recorder']
    if args.namespace:
        words += ['-r', f'__ns:=/{args.namespace.strip("/")}']
    for name, value in given.items():
        words += ['-p', f'{name}:={json.dumps(value)}']
    return main(words)
