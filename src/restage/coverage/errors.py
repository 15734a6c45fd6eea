# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Why a campaign cannot be run."""

from __future__ import annotations


class CoverageError(ValueError):
    """A setting or a file that cannot be used; the message says which and what is accepted."""
