# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Traffic sign plates: eleven kinds, painted once as small sprites."""

from __future__ import annotations

import cv2
import numpy as np

from restage.scene.types import Colour, Corners, Image

SIZE = 96
RED: Colour = (38, 30, 196)
BLUE: Colour = (170, 86, 24)
WHITE: Colour = (236, 238, 238)
YELLOW: Colour = (40, 196, 240)
BLACK: Colour = (24, 24, 24)
KINDS = (
    'stop',
    'limit30',
    'limit50',
    'limit80',
    'yield',
    'curve',
    'people',
    'no_entry',
    'priority',
    'ahead',
    'crossing',
    'parking',
)


def _polygon(corners: int, radius: float, spin: float, dy: float = 0.0) -> Corners:
    angle = np.arange(corners) * 2 * np.pi / corners + spin
    centre = SIZE / 2 - 0.5
    points = np.stack([np.sin(angle) * radius + centre, -np.cos(angle) * radius + centre + dy], 1)
    return np.round(points).astype(np.int32)


def _text(plate: Image, text: str, scale: float, colour: Colour) -> None:
    (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, 3)
    at = ((SIZE - wide) // 2, (SIZE + tall) // 2)
    cv2.putText(plate, text, at, cv2.FONT_HERSHEY_DUPLEX, scale, colour, 3, cv2.LINE_AA)


def _walker(plate: Image, x: int, y: int) -> None:
    cv2.circle(plate, (x, y - 16), 5, BLACK, -1, cv2.LINE_AA)
    for a, b in (
        ((0, -10), (0, 4)),
        ((0, 4), (-7, 18)),
        ((0, 4), (8, 17)),
        ((0, -7), (-9, 0)),
        ((0, -7), (9, -1)),
    ):
        cv2.line(plate, (x + a[0], y + a[1]), (x + b[0], y + b[1]), BLACK, 4, cv2.LINE_AA)


def _fill(
    plate: Image, mask: Image, shape: Corners, rim: Colour, face: Colour, inner: Corners
) -> None:
    cv2.fillPoly(mask, [shape], 255)
    cv2.fillPoly(plate, [shape], rim, cv2.LINE_AA)
    cv2.fillPoly(plate, [inner], face, cv2.LINE_AA)


def make_sign(kind: str) -> tuple[Image, Image]:
    """
    Return a sign's picture (uint8 96 x 96 x 3, BGR) and its mask (uint8 96 x 96).

    :raises ValueError: when the kind is not one of ``KINDS``.
    """
    plate: Image = np.full((SIZE, SIZE, 3), 128, np.uint8)
    mask: Image = np.zeros((SIZE, SIZE), np.uint8)
    if kind == 'stop':
        spin = np.pi / 8
        _fill(plate, mask, _polygon(8, 51, spin), WHITE, RED, _polygon(8, 46, spin))
        _text(plate, 'STOP', 1.05, WHITE)
    elif kind.startswith('limit') or kind == 'no_entry':
        face = RED if kind == 'no_entry' else WHITE
        _fill(plate, mask, _polygon(40, 47, 0), RED, face, _polygon(40, 35, 0))
        if kind == 'no_entry':
            cv2.rectangle(plate, (16, 39), (80, 57), WHITE, -1)
        else:
            _text(plate, kind[5:], 1.5, BLACK)
    elif kind == 'yield':
        _fill(plate, mask, _polygon(3, 54, np.pi, -20), RED, WHITE, _polygon(3, 32, np.pi, -20))
    elif kind in ('curve', 'people'):
        _fill(plate, mask, _polygon(3, 54, 0, 20), RED, WHITE, _polygon(3, 38, 0, 20))
        if kind == 'people':
            _walker(plate, 47, 68)
        else:
            bend = np.array([[42, 84], [42, 66], [54, 58], [54, 46]], np.int32)
            cv2.polylines(plate, [bend], False, BLACK, 6, cv2.LINE_AA)
    elif kind == 'priority':
        _fill(plate, mask, _polygon(4, 48, 0), WHITE, YELLOW, _polygon(4, 36, 0))
    elif kind == 'ahead':
        _fill(plate, mask, _polygon(40, 47, 0), WHITE, BLUE, _polygon(40, 43, 0))
        cv2.arrowedLine(plate, (48, 78), (48, 18), WHITE, 8, cv2.LINE_AA, 0, 0.4)
    elif kind == 'crossing':
        square = _polygon(4, 64, np.pi / 4)
        _fill(plate, mask, square, BLUE, BLUE, square)
        cv2.fillPoly(plate, [_polygon(3, 40, 0, 8)], WHITE, cv2.LINE_AA)
        _walker(plate, 47, 55)
    elif kind == 'parking':
        square = _polygon(4, 64, np.pi / 4)
        _fill(plate, mask, square, WHITE, BLUE, _polygon(4, 59, np.pi / 4))
        _text(plate, 'P', 2.6, WHITE)
    else:
        raise ValueError(f"no sign '{kind}'; choose one of: {', '.join(KINDS)}")
    return plate, mask
