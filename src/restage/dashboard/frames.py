# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Frames in, out and lost of all cameras, beside what the recovery node counts."""

from __future__ import annotations

from restage.cameras import Cameras
from restage.dashboard.camera_account import CameraAccount
from restage.dashboard.latency import Latency
from restage.dashboard.sightings import Diagnosis

MOST_DIGITS = 18


class Frames:
    """The accounts of ``cameras``."""

    def __init__(self, cameras: Cameras) -> None:
        """Begin to count."""
        self.latency = Latency()
        self.cameras = cameras
        self.accounts = [CameraAccount(name, self.latency) for name in cameras.names]
        self.missed = 0
        self._recovery_node: dict[str, object] | None = None

    def dropped(self, key: int, reason: str) -> None:
        """Note why the frame ``key`` names will not come out."""
        self.accounts[self.cameras.of(key)].dropped(key, reason)

    def diagnosis(self, status: Diagnosis) -> None:
        """Take over what the recovery node counts, which it says on /diagnostics."""
        values = status.values
        if status.node != 'recovery' or 'published' not in values:
            return
        lost = {name: _number(value) for name, value in values.items() if name.startswith('lost[')}
        self._recovery_node = {
            'in': _number(values['published']),
            'out': _number(values.get('detected', '0')),
            'lost': sum(lost.values()),
        }

    def view(self, now_ns: int) -> dict[str, object]:
        """Return all accounts; ``missed``: messages that were lost on the way to the dashboard."""
        return {
            'cameras': [account.view(now_ns) for account in self.accounts],
            'recovery_node': self._recovery_node,
            'missed': self.missed,
        }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0
