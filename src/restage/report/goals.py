# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The goals of a document, as a table of its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from restage.report.markup import Marked, Text, table

_VERDICTS = {
    True: Marked('met', 'good'),
    False: Marked('missed', 'bad'),
    None: Marked('not measured', 'quiet'),
}


def goals_table(document: Mapping[str, Any]) -> str:
    """Return ``goals`` of ``document``: each with ``what``, ``goal``, ``measured`` and ``met``."""
    rows: list[list[Text]] = [
        [goal['what'], goal['goal'], f'{goal["measured"]}', _VERDICTS[goal['met']]]
        for goal in document['goals']
    ]
    return table('Goals', ['what', 'wanted', 'measured', 'verdict'], rows)
