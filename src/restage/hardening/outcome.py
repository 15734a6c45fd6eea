# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What hardening makes, and what is measured of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from restage.hardening.clipping import Ranges
from restage.hardening.search import Found


@dataclass(frozen=True, kw_only=True)
class Hardened:
    """
    A hardened network beside what it was.

    ``state``: its weights by name. ``costs``: what each sampler came to on the original weights.
    ``variants``: what each is worth, see ``worth``. ``ranges``: of values in the original network.
    """

    state: dict[str, Tensor]
    costs: dict[str, Found]
    variants: dict[str, Any]
    ranges: Ranges
