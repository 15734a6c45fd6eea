# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What samplers know before the first fault, and which of them can do with that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from rich.console import Console

from restage.sampling.engine import Engine
from restage.sampling.errors import SensitivityError
from restage.sampling.samplers.base import Context
from restage.sampling.samplers.registry import needs_importance
from restage.sampling.sensitivity import importance
from restage.sampling.settings import SampleSettings
from restage.sampling.severity import stratify
from restage.sampling.space import FaultSpace


def known_before(
    settings: SampleSettings, engine: Engine, space: FaultSpace, console: Console
) -> tuple[Context, SampleSettings]:
    """
    Return what samplers may know, and settings without those that would have to know more.

    :raises SensitivityError: when no sampler is left.
    """
    strata = stratify(space)
    try:
        known = importance(engine.subject, space)
    except SensitivityError as error:
        known = np.zeros(space.elements)
        left = tuple(name for name in settings.samplers if not needs_importance(name))
        if not left:
            raise
        if len(left) < len(settings.samplers):
            out = ', '.join(name for name in settings.samplers if name not in left)
            console.print(f'left out: {out} ({error})', highlight=False, markup=False)
        settings = replace(settings, samplers=left)
    return Context(space=space, strata=strata, importance=known), settings
