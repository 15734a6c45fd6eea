# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
Every input that Restage reads, as a function of bytes.

Each returns whether the input was accepted, and raises whatever is not the one documented error.
"""

from __future__ import annotations

from . import files, messages, models, page, recordings, recovery, stores
from .target import Target

TARGETS: dict[str, Target] = {
    **messages.TARGETS,
    **recovery.TARGETS,
    **page.TARGETS,
    **files.TARGETS,
    **models.TARGETS,
    **recordings.TARGETS,
    **stores.TARGETS,
}
