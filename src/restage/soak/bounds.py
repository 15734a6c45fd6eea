# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How long a recovery may take, by what was done."""

from __future__ import annotations

from restage.recovery.overdue import LONGEST_EXCUSE_NS
from restage.soak.episode import Episode, Strike
from restage.soak.permits import MEMORY
from restage.soak.settings import SoakSettings

EXCUSE_MS = LONGEST_EXCUSE_NS / 1e6
HOG = 'timing.cpu_hog'


def is_single(episode: Episode) -> bool:
    """Return whether one fault strikes once, so that a standby is ready."""
    return episode.shape in ('single', 'signal')


def is_loaded(episode: Episode) -> bool:
    """Return whether the cores are taken by others."""
    return episode.load > 0 or HOG in kinds_of(episode)


def kinds_of(episode: Episode) -> list[str]:
    """Return the kinds of its faults."""
    return [action.fault.kind for action in episode.actions if isinstance(action, Strike)]


def bound_ms(episode: Episode, settings: SoakSettings, stolen_ms: float) -> float:
    """
    Return how long a recovery in this episode may take, ms.

    To the FTTI of a single fault comes what a hypervisor took, and on a machine without a free core
    the longest excuse of a process that waits for one (docs/recovery.md, Hangs).
    """
    if not is_single(episode):
        return settings.double_s * 1e3
    return settings.ftti_ms + stolen_ms + (EXCUSE_MS if is_loaded(episode) else 0.0)


def silence_bound_ms(episode: Episode, settings: SoakSettings, stolen_ms: float) -> float:
    """
    Return how long a subscriber may hear nothing, ms.

    A silence begins a period of the camera before its fault at the most. What takes images away,
    and damage to memory that may show at any time, is bounded as several faults are.
    """
    taken = any(kind.startswith(('input.', 'comm.')) for kind in kinds_of(episode))
    if taken or set(kinds_of(episode)) & set(MEMORY):
        return settings.double_s * 1e3
    return bound_ms(episode, settings, stolen_ms) + 1e3 / settings.rate_hz
