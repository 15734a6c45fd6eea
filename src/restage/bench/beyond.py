# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a recovery takes beyond the compute that a frame needs anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from restage.bench.statistics import times_ms
from restage.bench.trial import Trial


def beyond_compute_ms(trials: Sequence[Trial], settings: Mapping[str, Any]) -> list[float]:
    """
    Return each total less the compute of the stages that remained, ms; infinite without output.

    With ``stage_ms`` (p50 of each stage by name, in order) in ``settings``: of those behind the
    stage that was struck, which itself is not subtracted though part of it remained. With only
    ``frame_ms``: less the whole frame. With neither: nothing, as it cannot be told.
    """
    stages, frame_ms = settings.get('stage_ms'), settings.get('frame_ms')
    if stages is None and frame_ms is None:
        return []
    found = []
    for trial in trials:
        spared = float(frame_ms or 0.0) if stages is None else _behind(trial.stage, stages)
        found += [total - spared for total in times_ms([trial])]
    return found


def beyond_note(settings: Mapping[str, Any]) -> str:
    """Return what was subtracted, and to whose favour that is."""
    if settings.get('stage_ms') is not None:
        return (
            'less the p50 of the stages behind the one that was struck: an upper bound, as part '
            'of that stage remained too'
        )
    frame_ms = settings.get('frame_ms')
    if frame_ms is None:
        return 'the compute of a frame was not measured'
    return (
        f'less the whole frame ({frame_ms:.1f} ms, p50), at least as much as remained: a lower '
        'bound, the true figure may be higher by what had been computed already'
    )


def _behind(stage: str, stage_ms: Mapping[str, float]) -> float:
    """Return the time of the stages behind ``stage``; of none where it is not known."""
    names = list(stage_ms)
    later = names[names.index(stage) + 1 :] if stage in names else []
    return float(sum(stage_ms[name] for name in later))
