# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Errors of the detector."""


class ModelError(ValueError):
    """A weights file that cannot be used; the message names it and says what is accepted."""
