# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A framework that is on this machine."""

from __future__ import annotations

from dataclasses import dataclass

from restage.study.record import Golden


@dataclass(frozen=True)
class Present:
    """A framework that is here: its version, its clean outputs and how far they are off."""

    version: str
    golden: Golden
    difference: float
