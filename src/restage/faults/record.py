# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What became of a fault, as the engine reports it."""

from __future__ import annotations

from dataclasses import dataclass

from restage.faults.enums import FaultState


@dataclass(frozen=True, kw_only=True)
class FaultRecord:
    """
    One event in the life of a fault.

    ``stamp_ns`` is the header stamp of the frame it fired on (0 while none is known);
    ``detail`` says what was changed (tensor, element, bit, old and new value) or why not;
    ``monotonic_ns`` is CLOCK_MONOTONIC, for ``FIRED`` right before the fault took effect.
    """

    id: str
    kind: str
    state: FaultState
    stage: str = ''
    stamp_ns: int = 0
    detail: str = ''
    monotonic_ns: int = 0
