# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One firing of one fault: what an effect may read, replace and report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

import torch

from restage.faults.command import Fault
from restage.stages.model import Stage


class NotThisTimeError(Exception):
    """The fault cannot fire on this frame (an empty output), but may on a later one."""


@dataclass(kw_only=True)
class Shot:
    """
    One firing of one fault.

    An effect calls ``report(detail, monotonic_ns)`` once, with the time taken right before
    it takes effect. It may replace ``inputs``, write into the tensors of ``outputs``, and
    append to ``leave`` what is to run, in that order, when the computation of the stage ends, and
    to ``undo`` what is to run when the frame ends.
    ``weights`` are the live ones of the model. ``memory`` is kept from one firing of the fault
    to the next.
    """

    fault: Fault
    stage: Stage
    rng: Random
    report: Callable[[str, int], None]
    last_duration_ns: int = 0
    inputs: Mapping[str, torch.Tensor] = field(default_factory=dict)
    outputs: dict[str, torch.Tensor] = field(default_factory=dict)
    weights: Mapping[str, torch.Tensor] = field(default_factory=dict)
    memory: dict[str, object] = field(default_factory=dict)
    leave: list[Callable[[], None]] = field(default_factory=list)
    undo: list[Callable[[], None]] = field(default_factory=list)

    def integer(self, name: str) -> int:
        """Return the integer parameter ``name`` of the fault."""
        return int(self.fault.parameters[name])

    def double(self, name: str) -> float:
        """Return the double parameter ``name`` of the fault."""
        return float(self.fault.parameters[name])

    def text(self, name: str) -> str:
        """Return the string parameter ``name`` of the fault."""
        return str(self.fault.parameters[name])
