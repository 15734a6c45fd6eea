# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Why a study cannot be run."""

from __future__ import annotations


class StudyError(ValueError):
    """A setting, a file or a framework that cannot be used; the message says which and why."""
