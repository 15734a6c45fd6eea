# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is followed as a model grows, and what it is followed against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from restage.sizing.wording import Model


@dataclass(frozen=True)
class Figure:
    """
    A figure of a model: its name for people, how to get it, and in which panel it is drawn.

    ``event``: of `restage.sizing.settings.EVENTS`, whose trials are drawn too; empty: none.
    """

    title: str
    value: Callable[[Model], float | None]
    panel: str
    event: str = ''


def _p50(name: str, part: str = '') -> Callable[[Model], float | None]:
    def value(model: Model) -> float | None:
        found = (model[part] if part else model)[name]
        return found['p50'] if found['n'] else None

    return value


def _event(name: str) -> Callable[[Model], float | None]:
    return lambda model: model['recoveries'][name]['p50_ms']


BYTES, ONE, NODES = 'bytes', 'one process', 'real nodes'
FIGURES: Mapping[str, Figure] = {
    'checkpoint_bytes': Figure(
        'checkpoints of a frame', lambda m: m['checkpoint']['bytes'] / 1e6, BYTES
    ),
    'frame_ms': Figure('a frame', _p50('frame_ms'), ONE),
    'commit_ms': Figure('writing its checkpoints', _p50('commit_ms', 'checkpoint'), ONE),
    'restore_ms': Figure('restoring one', _p50('restore_ms', 'checkpoint'), ONE),
    'check_ms': Figure('checking all weights', _p50('check_ms', 'weights'), ONE),
    'reload_ms': Figure('writing all weights anew', _p50('reload_ms', 'weights'), ONE),
    'load_ms': Figure('loading the model', _p50('load_ms', 'start'), ONE),
    'soft_ms': Figure('resume in place', _event('soft'), NODES, 'soft'),
    'kill_ms': Figure('failover', _event('kill'), NODES, 'kill'),
    'reset_ms': Figure('process reset', _event('reset'), NODES, 'reset'),
}


@dataclass(frozen=True)
class Series:
    """What grows: its name for people, its size (the x of the laws), and how a size is written."""

    title: str
    size: Callable[[Model], float]
    tick: Callable[[Model], str]


SERIES: Mapping[str, Series] = {
    'weights': Series(
        'weights, MB',
        lambda model: model['weights_bytes'] / 1e6,
        lambda model: f'{model["weights_bytes"] / 1e6:.3g}',
    ),
    'input': Series(
        'pixels of the input',
        lambda model: float(model['input'][0] * model['input'][1]),
        lambda model: ' x '.join(map(str, model['input'])),
    ),
}
