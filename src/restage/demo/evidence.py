# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a report is made from, whether seen live or read from a recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from restage_msgs.msg import FaultEvent, RecoveryEvent

from restage.demo.frames import FrameAccounts
from restage.demo.golden import Golden
from restage.faults.scenario import Expect
from restage.nodes.stamps import to_ns


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """
    One run.

    ``planned``: id, kind and stage of each fault; ``expected`` by id. ``not_checked``: why outputs
    are not compared with a fault-free run's; empty: they are. ``recording``: about the recording
    it was read from; empty: seen live. ``stream_faults``: whether faults took images away.
    """

    scenario: str
    source: str
    model: str
    seed: int
    planned: Sequence[tuple[str, str, str]]
    expected: Mapping[str, Expect]
    faults: Sequence[FaultEvent]
    recoveries: Sequence[RecoveryEvent]
    accounts: FrameAccounts
    stream_faults: bool
    machine: Mapping[str, Any]
    versions: Mapping[str, Any]
    class_names: Sequence[str]
    not_checked: str = ''
    recording: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> set[int]:
        """Return the source's numbers of the frames around faults, which the picture shows."""
        hits = [to_ns(event.frame) for event in (*self.recoveries, *self.faults)]
        around = {stamp for hit in hits for stamp in self.accounts.around(hit)}
        return {self.accounts.published[stamp].index for stamp in around}


GoldenRun = Mapping[int, Golden]
