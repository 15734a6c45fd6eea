# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage dashboard``: a web page over a system that runs."""

from __future__ import annotations

import argparse
import json
import os
import sys

HELP = 'serve a web page over the running system: camera, nodes, stages, faults and recoveries'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        '--host', default='127.0.0.1', help='address to listen on; default: 127.0.0.1, this machine'
    )
    parser.add_argument('--port', type=int, default=8650, help='port; default: 8650; 0: a free one')
    parser.add_argument(
        '--ftti-ms',
        type=float,
        default=300.0,
        help='fault tolerant time interval to show recoveries against; default: 300',
    )
    parser.add_argument('--namespace', default='', help='of the system; default: none')
    parser.add_argument(
        '--cameras', default='', help='names of its cameras, with commas between; default: one'
    )


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C; 0 ended, 1 no ROS 2, 2 bad usage."""
    from restage.cameras import Cameras
    from restage.faults.command import TARGET

    try:
        cameras = Cameras.called([name.strip() for name in args.cameras.split(',')])
    except ValueError as error:
        print(f'restage dashboard: --cameras: {error}', file=sys.stderr)
        return 2
    if args.namespace and not TARGET.fullmatch(args.namespace):
        print(
            f"restage dashboard: --namespace is '{args.namespace}'; accepted: a ROS namespace",
            file=sys.stderr,
        )
        return 2
    try:
        from restage.harness.environment import transport_environment
        from restage.nodes import dashboard_node
    except ImportError as error:
        print(f'restage dashboard: ROS 2 is not available: {error}', file=sys.stderr)
        return 1
    os.environ.update(transport_environment(os.environ))
    values = {
        'host': args.host,
        'port': args.port,
        'ftti_ms': args.ftti_ms,
        'cameras': list(cameras.names),
    }
    words = ['--ros-args']
    if args.namespace:
        words += ['-r', f'__ns:=/{args.namespace.lstrip("/")}']
    for name, value in values.items():
        words += ['-p', f'{name}:={json.dumps(value)}']
    return dashboard_node.main(words)
