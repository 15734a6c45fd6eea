# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Errors of planning."""


class PlanError(ValueError):
    """A plan that cannot be made, read or used; the message says why and what is accepted."""
