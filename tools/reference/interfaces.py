# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The messages and services of restage_msgs."""

from __future__ import annotations

from pathlib import Path

from reference.markdown import page

FOLDER = Path(__file__).resolve().parents[2] / 'ros_ws' / 'src' / 'restage_msgs'


def interfaces_page() -> str:
    """Return the page."""
    return page(
        'Messages and services',
        'The definitions of `restage_msgs`, with their comments. All times are CLOCK_MONOTONIC in '
        'ns unless a field is a `builtin_interfaces/Time`.',
        '## Messages',
        *(_section(path) for path in sorted((FOLDER / 'msg').glob('*.msg'))),
        '## Services',
        *(_section(path) for path in sorted((FOLDER / 'srv').glob('*.srv'))),
    )


def _section(path: Path) -> str:
    text = path.read_text(encoding='utf-8').strip()
    name = f'restage_msgs/{path.parent.name}/{path.stem}'
    return f'### {path.stem}\n\n`{name}`\n\n```text\n{text}\n```'
