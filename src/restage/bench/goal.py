# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A goal, what it is judged by, and the ways to compare a measurement with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from restage.bench.ratios import Arms
from restage.bench.statistics import finite, tail
from restage.bench.trial import Trial

Times = Callable[[Sequence[Trial]], list[float]]
Cells = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Evidence:
    """What the goals are judged by; ``arms``, ``ratios`` and ``overhead`` as in the document."""

    arms: Arms
    trials: Sequence[Trial]
    ratios: Mapping[str, Any]
    overhead: Mapping[str, Any] | None
    bandwidth: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """``measured`` in ``unit``, None where there is no figure; ``met``: None: not measured."""

    what: str
    goal: str
    measured: float | bool | None = None
    unit: str = ''
    met: bool | None = None
    note: str = ''

    def judged(self, value: float | None, accept: Callable[[float], bool]) -> Goal:
        """Return the goal with a figure, where there is one."""
        return self if value is None else replace(self, measured=value, met=accept(value))


def slowest(
    goal: Goal,
    cells: Sequence[tuple[str, str]],
    trials: Sequence[Trial],
    limit_ms: float,
    of: Times,
) -> Goal:
    """Return ``goal`` judged by the p99 of the slowest of ``cells`` (arm, class), by ``of``, ms."""
    times = {
        (arm, fault): of([one for one in trials if (one.arm, one.fault) == (arm, fault)])
        for arm, fault in cells
    }
    known = [values for values in times.values() if values]
    missing = [fault for (_, fault), values in times.items() if not values]
    notes = [goal.note] if goal.note else []
    if known:
        worst = max(map(tail, known))
        notes.append(f'n >= {min(map(len, known))} in each class')
        if finite(worst) is None:
            notes.append('there are trials that never recovered')
        goal = replace(goal, measured=finite(worst), met=worst <= limit_ms)
    return _incomplete(replace(goal, note='; '.join(notes)), missing)


def every(goal: Goal, cells: Cells, arms: Arms, key: str, wanted: Any) -> Goal:
    """Return ``goal`` judged by ``key`` of each of ``cells`` (arm, class), the worst one named."""
    values = {fault: arms.get(arm, {}).get(fault, {}).get(key) for arm, fault in cells}
    missing = [fault for fault, value in values.items() if value is None]
    known = [value for value in values.values() if value is not None]
    if known:
        bad = [value for value in known if value != wanted]
        goal = replace(goal, measured=max(bad, default=wanted), met=not bad)
    return _incomplete(goal, missing)


def _incomplete(goal: Goal, missing: Sequence[str]) -> Goal:
    """Return ``goal``, not met for what was not measured."""
    if not missing:
        return goal
    note = f'not measured: {", ".join(missing)}'
    note = f'{goal.note}; {note}' if goal.note else note
    return replace(goal, met=False if goal.met is False else None, note=note)
