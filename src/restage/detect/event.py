# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Something unusual about a detection, and how unusual it may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from restage.detect.boxes import Box


@dataclass(frozen=True)
class Event:
    """
    A detection ``box`` and what is unusual about it, ``degree`` much so (0 to 1).

    ``what`` is ``appeared``, ``vanished``, ``jumped`` or ``support_N``.
    """

    what: str
    box: Box
    degree: float

    def __str__(self) -> str:
        return f'{self.box} {self.what} ({self.degree:.9g})'


def limits_of(highest: Mapping[str, float], room: float) -> dict[str, float]:
    """Return limits above the ``highest`` clean degrees: by ``room`` of what is left up to 1."""
    return {what: degree + room * (1.0 - degree) for what, degree in highest.items()}
