# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What did not hold, or held only because a limit is documented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """
    One finding about an invariant.

    ``documented``: the limit in docs/recovery.md that allows it; empty: a violation. ``at_s``:
    since the beginning of the run. ``frame_ns``: header stamp, 0: about none. ``during``: what was
    going on. ``again``: the command that runs the episode alone.
    """

    invariant: str
    text: str
    at_s: float
    episode: int
    phase: str
    frame_ns: int
    during: str
    again: str
    documented: str = ''

    @property
    def violation(self) -> bool:
        """Whether no documented limit allows it."""
        return not self.documented
