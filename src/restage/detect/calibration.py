# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the values of a model are on clean frames: measured once, kept beside the model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

SCHEMA = '1'


class CalibrationError(ValueError):
    """A calibration file that cannot be used; the message says why and what is accepted."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """
    The lowest and highest value of each channel of each tensor (float32, C), over clean frames.

    ``digest``: of the weights it was measured with. ``source``: which frames. ``plausibility``:
    thresholds of the detections, see ``restage.detect.plausibility``.
    """

    digest: str
    frames: int
    source: str
    low: Mapping[str, torch.Tensor]
    high: Mapping[str, torch.Tensor]
    plausibility: Mapping[str, Any] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """
        Write it to ``path`` (safetensors).

        :raises OSError: when that cannot be done.
        """
        tensors = {f'low.{name}': value.contiguous() for name, value in self.low.items()}
        tensors |= {f'high.{name}': value.contiguous() for name, value in self.high.items()}
        facts = {
            'schema': SCHEMA,
            'digest': self.digest,
            'frames': str(self.frames),
            'source': self.source,
            'plausibility': json.dumps(dict(self.plausibility)),
        }
        path.write_bytes(save(tensors, facts))


def load_calibration(path: Path, digest: str) -> Calibration:
    """
    Return the calibration in the file at ``path``.

    :raises CalibrationError: when it cannot be read, or is of other weights than ``digest``.
    """
    try:
        with safe_open(path, framework='pt') as file:
            facts = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if facts.get('schema') != SCHEMA:
            raise CalibrationError(
                f'{path}: schema {facts.get("schema")}; accepted: {SCHEMA}, '
                'as `restage calibrate` writes it'
            )
        found = Calibration(
            digest=facts['digest'],
            frames=int(facts['frames']),
            source=facts['source'],
            low={key[4:]: value for key, value in tensors.items() if key.startswith('low.')},
            high={key[5:]: value for key, value in tensors.items() if key.startswith('high.')},
            plausibility=json.loads(facts['plausibility']),
        )
    except (OSError, SafetensorError, KeyError, json.JSONDecodeError) as error:
        raise CalibrationError(
            f'{path}: no calibration: {error}; accepted: a file that `restage calibrate` wrote'
        ) from None
    if found.digest != digest:
        raise CalibrationError(
            f'{path}: of a model with the digest {found.digest}, and this one has {digest}: '
            'run `restage calibrate` for it'
        )
    return found
