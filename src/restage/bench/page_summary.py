# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of the page about what follows from the cells, and how it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from restage.bench.wording import flat, heading, measured, number, verdict
from restage.report.markup import Marked, Text, table

_KINDS = {True: 'good', False: 'bad', None: 'quiet'}


def goals(document: Mapping[str, Any]) -> str:
    """Return a row per goal."""
    rows: list[list[Text]] = [
        [
            goal['what'],
            goal['goal'],
            measured(goal),
            Marked(verdict(goal['met']), _KINDS[goal['met']]),
            goal['note'],
        ]
        for goal in document['goals']
    ]
    return table('Goals', ['goal', 'wanted', 'measured', 'verdict', 'note'], rows, words=True)


def ratios(document: Mapping[str, Any]) -> str:
    """Return a row per pair of arms, its headline and its classes."""
    found = document['ratios']
    used = {pair: by for pair, by in found['per_class'].items() if by}
    faults = list(dict.fromkeys(fault for by in used.values() for fault in by))
    rows = [
        [
            pair.replace('_over_', ' over '),
            f'{number(found[pair])} x',
            *(number(by.get(fault)) for fault in faults),
        ]
        for pair, by in used.items()
    ]
    headers = ['arms', 'geometric mean', *faults]
    return table('How many times as long', headers, rows) if rows else ''


def costs(document: Mapping[str, Any]) -> str:
    """Return the fault-free overhead by part; nothing if it was not measured."""
    found = document['overhead']
    if not found:
        return ''
    rows = [
        [
            name,
            number(one['added_us']),
            number(one['percent'], 2),
            ' to '.join(number(end, 2) for end in one['ci95']),
        ]
        for name, one in {'all of it': found, **found['parts']}.items()
    ]
    headers = ['part', 'us a frame', '% of its compute', '95 % interval']
    return table('Without faults: what a frame costs more', headers, rows)


def bandwidth(document: Mapping[str, Any]) -> str:
    """Return the write bandwidth, in the fields it was given in."""
    entries = document['bandwidth']
    if not entries:
        return ''
    keys = list(dict.fromkeys(key for entry in entries for key in entry))
    rows = [[flat(entry.get(key, '-')) for key in keys] for entry in entries]
    return table('Writing into the checkpoint store', list(map(heading, keys)), rows)


def facts(caption: str, values: Mapping[str, Any]) -> str:
    """Return names and values as they are."""
    return table(
        caption, ['what', 'value'], [[name, flat(value)] for name, value in values.items()]
    )
