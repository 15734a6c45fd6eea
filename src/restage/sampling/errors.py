# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Why a campaign of sampled faults cannot be run."""

from __future__ import annotations

from collections.abc import Iterable


class SamplingError(ValueError):
    """A setting or a file that cannot be used; the message says which and what is accepted."""


class SensitivityError(SamplingError):
    """The sensitivity of elements is not known; the message says of what and why."""


def not_accepted(what: str, given: object, accepted: Iterable[object]) -> SamplingError:
    """Return the error for a value that is none of those that are accepted."""
    return SamplingError(f"{what} '{given}'; accepted: {', '.join(str(one) for one in accepted)}")
