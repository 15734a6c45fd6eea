# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Errors of the detector."""


class ModelError(ValueError):
    """A weights file that cannot be used; the message names it and says what is accepted."""


def first_line(error: Exception) -> str:
    """Return what a framework says is wrong, without the pages that may follow."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
