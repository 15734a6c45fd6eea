# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the values of a model are on clean frames: measured once, kept beside the model."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SCHEMA = 1
Range = tuple[float, float]


class CalibrationError(ValueError):
    """A calibration file that cannot be used; the message says why and what is accepted."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """
    The lowest and highest value of each tensor by name, over clean frames.

    ``digest``: of the weights it was measured with. ``source``: which frames. ``plausibility``:
    thresholds of the detections, see ``restage.detect.plausibility``.
    """

    digest: str
    frames: int
    source: str
    ranges: Mapping[str, Range]
    plausibility: Mapping[str, float] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """
        Write it to ``path`` (JSON).

        :raises OSError: when that cannot be done.
        """
        path.write_text(json.dumps({'schema': SCHEMA, **asdict(self)}, indent=2) + '\n')


def load_calibration(path: Path, digest: str) -> Calibration:
    """
    Return the calibration in the file at ``path``.

    :raises CalibrationError: when it cannot be read, or is of other weights than ``digest``.
    """
    try:
        data = json.loads(path.read_text())
        if not isinstance(data, dict) or data.pop('schema', None) != SCHEMA:
            raise ValueError(f"no object with 'schema': {SCHEMA}")
        found = Calibration(
            digest=str(data['digest']),
            frames=int(data['frames']),
            source=str(data['source']),
            ranges={name: _range(name, ends) for name, ends in data['ranges'].items()},
            plausibility={what: _limit(what, n) for what, n in data['plausibility'].items()},
        )
    except KeyError as error:
        raise _refused(path, f'{error} is missing') from None
    except (
        OSError,
        ArithmeticError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise _refused(path, str(error)) from None
    if found.digest != digest:
        raise CalibrationError(
            f'{path}: of a model with the digest {found.digest}, and this one has {digest}: '
            'run `restage calibrate` for it'
        )
    return found


def _range(name: str, ends: Any) -> Range:
    low, high = (float(end) for end in ends)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(f"range of '{name}' from {low} to {high}")
    return low, high


def _limit(what: str, number: Any) -> float:
    limit = float(number)
    if math.isnan(limit):  # nothing would ever be above it
        raise ValueError(f"limit of '{what}' is {limit}")
    return limit


def _refused(path: Path, why: str) -> CalibrationError:
    return CalibrationError(
        f'{path}: no calibration: {why}; accepted: a file that `restage calibrate` wrote'
    )
