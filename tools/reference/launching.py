# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The arguments of the launch files."""

from __future__ import annotations

import ast
from pathlib import Path

from reference.markdown import code, page, table
from restage.launch_description import LaunchArgument, launch_arguments, system_arguments

BAG = Path(__file__).resolve().parents[2] / 'launch' / 'bag.launch.py'
KINDS = {bool: 'true or false', int: 'a whole number', float: 'a number', str: ''}


def launch_page() -> str:
    """Return the page."""
    head = ['argument', 'default', 'accepted', 'meaning']
    return page(
        'Launch arguments',
        'Given as `NAME:=VALUE`; `ros2 launch restage restage.launch.py --show-args` prints them, '
        'too. A value that is not accepted ends the launch before any node has started, with an '
        'error that names the argument. [Launching](../launch.md) says how they are used.',
        '## restage.launch.py',
        table(head, [_row(one) for one in (*system_arguments(), *launch_arguments())]),
        '## bag.launch.py',
        'The same system on the images of a bag: all of the above but `source`, and',
        table(['argument', 'default', 'meaning'], declared_arguments(BAG)),
    )


def _row(argument: LaunchArgument) -> list[str]:
    accepted = ', '.join(code(one) for one in argument.choices) or KINDS[argument.kind]
    default = code(argument.default_text) or '(empty)'
    return [code(argument.name), default, accepted, argument.description]


def declared_arguments(path: Path) -> list[list[str]]:
    """Return what a launch file declares itself, from its text: launch need not be there."""
    rows = []
    for call in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(call, ast.Call) and getattr(call.func, 'id', '') == 'DeclareLaunchArgument':
            name = ast.literal_eval(call.args[0])
            given = {one.arg: ast.literal_eval(one.value) for one in call.keywords}
            default = code(given['default_value']) if 'default_value' in given else '(required)'
            rows.append([code(name), default, given['description']])
    return rows
