# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a trial is asked to do: the words between the study and its sacrificial process."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

# Of the pictures: what the start computes, what the mistake is made with, the clean ones after it.
START, STRUCK, LATER = 0, 1, (2, 3, 0)
PICTURES = 4


@dataclass(frozen=True, kw_only=True)
class TrialRequest:
    """
    One trial.

    ``models``, ``pictures``: folders that are read; ``folder``: the trial's own, written to.
    ``memory_bytes``: most address space, 0: no limit. ``cpu_s``: most processor time.
    """

    framework: str
    mistake: str
    seed: int
    models: str
    pictures: str
    folder: str
    threads: int
    memory_bytes: int
    cpu_s: int

    def as_text(self) -> str:
        """Return it as an argument of a command."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> TrialRequest:
        """Return what ``as_text`` wrote."""
        return cls(**json.loads(text))
