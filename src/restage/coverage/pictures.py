# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of the worst corruptions that nobody saw."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from restage.coverage.frames import CampaignFrame, sequences
from restage.coverage.settings import CoverageSettings
from restage.coverage.trial import CleanFrame, FaultTrial, Rows

MOST = 6
COLUMNS = 2
TILE = 560
CLEAN, FAULTY, WHITE = (90, 200, 90), (70, 70, 255), (255, 255, 255)
FONT = cv2.FONT_HERSHEY_SIMPLEX
Image = NDArray[np.uint8]


def worst_silent(trials: Sequence[FaultTrial]) -> list[FaultTrial]:
    """Return critical corruptions that no detector saw, those of the most objects first."""
    silent = [trial for trial in trials if trial.critical and not trial.alarms]
    return sorted(silent, key=lambda trial: -(trial.lost + trial.ghosts))[:MOST]


def draw_worst(
    trials: Sequence[FaultTrial],
    frames: Sequence[CleanFrame],
    settings: CoverageSettings,
    classes: Sequence[str],
    path: Path,
) -> Path | None:
    """Write one picture of the worst silent corruptions; None if there is none."""
    worst = worst_silent(trials)
    clean = {(frame.sequence, frame.frame): frame.detections or [] for frame in frames}
    tiles = []
    for trial in worst:
        frame = _frame_of(trial, settings)
        if frame is not None:
            rows = clean[trial.sequence, trial.frame]
            tiles.append(_tile(trial, frame, rows, classes))
    if not tiles:
        return None
    while len(tiles) % COLUMNS:
        tiles.append(np.zeros_like(tiles[0]))
    height = max(tile.shape[0] for tile in tiles)
    tiles = [_padded(tile, height) for tile in tiles]
    lines = [np.hstack(tiles[at : at + COLUMNS]) for at in range(0, len(tiles), COLUMNS)]
    cv2.imwrite(str(path), np.vstack(lines))
    return path


def _frame_of(trial: FaultTrial, settings: CoverageSettings) -> CampaignFrame | None:
    for source in settings.sources:
        for sequence in sequences(source, settings.clean_frames):
            if sequence.name == trial.sequence:
                return next((f for f in sequence.frames() if f.number == trial.frame), None)
    return None


def _tile(trial: FaultTrial, frame: CampaignFrame, clean: Rows, classes: Sequence[str]) -> Image:
    picture = frame.image.numpy()
    scale = TILE / picture.shape[1]
    size = (TILE, round(picture.shape[0] * scale))
    tile = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    for rows, colour, thick in ((clean, CLEAN, 3), (trial.detections or [], FAULTY, 1)):
        for x1, y1, x2, y2, score, label in np.clip(np.nan_to_num(rows), -1e6, 1e6):
            corners = [(int(x * scale), int(y * scale)) for x, y in ((x1, y1), (x2, y2))]
            cv2.rectangle(tile, corners[0], corners[1], colour, thick)
            if colour is FAULTY:
                name = classes[int(label)] if 0 <= label < len(classes) else '?'
                place = (max(0, corners[0][0]), max(10, corners[0][1] - 3))
                cv2.putText(tile, f'{name} {score:.2f}', place, FONT, 0.4, colour, 1, cv2.LINE_AA)
    header = np.full((44, TILE, 3), 40, np.uint8)
    what = f'{trial.kind} in {trial.stage}: {trial.lost} lost, {trial.ghosts} made up'
    cv2.putText(header, what, (8, 17), FONT, 0.45, WHITE, 1, cv2.LINE_AA)
    cv2.putText(header, trial.detail[:80], (8, 36), FONT, 0.4, WHITE, 1, cv2.LINE_AA)
    return np.asarray(np.vstack([header, tile]), np.uint8)


def _padded(tile: Image, height: int) -> Image:
    below = height - tile.shape[0] + 6
    return np.asarray(cv2.copyMakeBorder(tile, 0, below, 0, 6, cv2.BORDER_CONSTANT), np.uint8)
