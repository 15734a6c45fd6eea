# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with weights in memory."""


class WeightsError(Exception):
    """Clean weights cannot be had; the message says why."""
