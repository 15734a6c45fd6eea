# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``output.*``: one detection is altered, added or removed; N x 6 stays sorted by score."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from restage.faults.effects.shot import NotThisTimeError, Shot

SCORE, CLASS = 4, 5
# Where a ghost appears, unless it is said: within a small camera's picture.
GHOSTS_WITHIN = (640, 384)


def move_box(shot: Shot) -> None:
    """Move one box by ``dx``, ``dy``; NotThisTimeError when there is none."""
    dx, dy = shot.double('dx'), shot.double('dy')
    shift = torch.tensor([dx, dy, dx, dy])
    _alter(shot, f'box moved by {dx:g}, {dy:g} px', lambda row: row[:SCORE].add_(shift))


def change_class(shot: Shot) -> None:
    """Set one class; NotThisTimeError when there is no detection."""
    wanted = shot.integer('class_id')
    detections = shot.outputs['detections']
    if wanted < 0 and len(detections):
        # The highest class in the picture, or the next, is the most that is known here.
        known = range(int(detections[:, CLASS].max()) + 2)
        wanted = shot.rng.choice(known)
    _alter(shot, f'class set to {wanted}', lambda row: row[CLASS].fill_(wanted), wanted)


def change_score(shot: Shot) -> None:
    """Set one score; NotThisTimeError when there is no detection."""
    score = shot.double('score')
    _alter(shot, f'score set to {score:g}', lambda row: row[SCORE].fill_(score))


def add_ghost(shot: Shot) -> None:
    """Add a detection."""
    detections = shot.outputs['detections']
    corner = [
        shot.double(name) if shot.double(name) >= 0.0 else shot.rng.uniform(0.0, limit)
        for name, limit in zip(('x', 'y'), GHOSTS_WITHIN, strict=True)
    ]
    x, y = corner
    box = [x, y, x + shot.double('width'), y + shot.double('height')]
    class_id = float(shot.rng.choice(detections[:, CLASS].tolist() or [0.0]))
    ghost = detections.new_tensor([[*box, shot.double('score'), class_id]])
    now = time.monotonic_ns()
    shot.outputs['detections'] = _sorted(torch.cat([detections, ghost]))
    shot.report(f'ghost at {", ".join(f"{edge:.1f}" for edge in box)}', now)


def remove_one(shot: Shot) -> None:
    """Remove a detection; NotThisTimeError when there is none."""
    detections = shot.outputs['detections']
    index = _chosen(shot)
    now = time.monotonic_ns()
    shot.outputs['detections'] = torch.cat([detections[:index], detections[index + 1 :]])
    shot.report(f'detection {index} of {len(detections)} removed', now)


def _chosen(shot: Shot) -> int:
    count = len(shot.outputs['detections'])
    if not count:
        raise NotThisTimeError
    return shot.rng.randrange(count)


def _alter(
    shot: Shot,
    what: str,
    change: Callable[[torch.Tensor], torch.Tensor],
    new_class: int | None = None,
) -> None:
    index = _chosen(shot)
    altered = shot.outputs['detections'].clone()
    if new_class is not None and int(altered[index, CLASS]) == new_class:
        raise NotThisTimeError
    now = time.monotonic_ns()
    change(altered[index])
    shot.outputs['detections'] = _sorted(altered)
    shot.report(f'detection {index} of {len(altered)}: {what}', now)


def _sorted(detections: torch.Tensor) -> torch.Tensor:
    return detections[detections[:, SCORE].argsort(descending=True, stable=True)]
