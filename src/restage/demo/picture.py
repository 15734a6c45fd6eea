# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The frames around each fault, with what was published for them drawn in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from restage.demo.frames import FrameAccounts
from restage.demo.golden import Golden
from restage.demo.rows import FaultRow

TILE = 320
_HEADER = 26
FARTHEST = 1e6
_COLOURS = ((80, 220, 80), (60, 160, 255), (255, 120, 220), (255, 220, 80), (90, 90, 255))
_FONT = cv2.FONT_HERSHEY_SIMPLEX
Image = NDArray[np.uint8]


def draw_faults(
    rows: Sequence[FaultRow],
    accounts: FrameAccounts,
    golden: Mapping[int, Golden],
    class_names: Sequence[str],
    path: Path,
) -> bool:
    """Write one PNG, a strip of frames for each fault; return False when there is nothing."""
    strips = []
    for row in rows:
        around = accounts.around(row.stamp_ns)
        if around:
            tiles = [_tile(stamp, row, accounts, golden, class_names) for stamp in around]
            strips.append(_strip(row, tiles))
    if not strips:
        return False
    width = max(strip.shape[1] for strip in strips)
    padded = [
        cv2.copyMakeBorder(strip, 0, 8, 0, width - strip.shape[1], cv2.BORDER_CONSTANT)
        for strip in strips
    ]
    return bool(cv2.imwrite(str(path), np.vstack(padded)))


def _strip(row: FaultRow, tiles: Sequence[Image]) -> Image:
    picture = np.hstack(tiles)
    header = np.full((_HEADER, picture.shape[1], 3), 40, np.uint8)
    event = row.recovery
    what = (
        f'{event.tier}, seen by {event.detector}, {row.total_ms:.1f} ms, '
        f'{event.frames_lost} frames lost, finished by {event.recovered_by or "-"}'
        if event and row.total_ms is not None
        else f'{row.outcome}, no recovery'
    )
    _write(header, f'{row.kind} in {row.stage}: {what}', (8, 18), (255, 255, 255))
    return np.vstack([header, picture])


def _tile(
    stamp: int,
    row: FaultRow,
    accounts: FrameAccounts,
    golden: Mapping[int, Golden],
    class_names: Sequence[str],
) -> Image:
    found = golden[accounts.published[stamp].index]
    assert found.image is not None
    height, width = found.image.shape[:2]
    scale = TILE / width
    tile = cv2.resize(found.image, (TILE, round(height * scale)), interpolation=cv2.INTER_AREA)
    output = accounts.outputs.get(stamp)
    if output is not None:
        _draw_boxes(tile, output.detections, scale, class_names)
    label = 'LOST' if output is None else f'{len(output.detections)} objects'
    hit = stamp == row.stamp_ns
    colour = (0, 0, 255) if hit else (120, 120, 120)
    cv2.rectangle(tile, (0, 0), (tile.shape[1] - 1, tile.shape[0] - 1), colour, 3 if hit else 1)
    _write(tile, f'{label}{"  <- fault" if hit else ""}', (6, tile.shape[0] - 8), (255, 255, 255))
    return np.asarray(tile, np.uint8)


def _draw_boxes(
    tile: cv2.typing.MatLike,
    detections: NDArray[np.float64],
    scale: float,
    class_names: Sequence[str],
) -> None:
    # Those of another detector may be anything, and OpenCV takes 32 bits.
    drawable = detections[(np.abs(detections) < FARTHEST).all(axis=1)]
    for x, y, width, height, score, class_id in drawable:
        colour = _COLOURS[int(class_id) % len(_COLOURS)]
        left, top = int((x - width / 2) * scale), int((y - height / 2) * scale)
        right, bottom = int((x + width / 2) * scale), int((y + height / 2) * scale)
        cv2.rectangle(tile, (left, top), (right, bottom), colour, 1)
        name = class_names[int(class_id)] if 0 <= class_id < len(class_names) else '?'
        cv2.putText(
            tile, f'{name} {score:.2f}', (left, max(8, top - 2)), _FONT, 0.3, colour, 1, cv2.LINE_AA
        )


def _write(
    image: cv2.typing.MatLike, text: str, place: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    """Write on a dark bar, so that it can be read on any picture."""
    (width, height), _ = cv2.getTextSize(text, _FONT, 0.42, 1)
    x, y = place
    cv2.rectangle(image, (x - 3, y - height - 4), (x + width + 3, y + 5), (40, 40, 40), -1)
    cv2.putText(image, text, place, _FONT, 0.42, colour, 1, cv2.LINE_AA)
