# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What each way of hardening is worth: without faults, under critical ones, and over all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from restage.hardening.search import context_of, search
from restage.hardening.settings import HardenSettings
from restage.sampling.engine import Engine
from restage.sampling.samplers.registry import RESTAGE
from restage.sampling.space import Fault, FaultSpace
from restage.sampling.subject import Subject


def worth(
    settings: HardenSettings,
    subject: Subject,
    right: float,
    faults: Sequence[Fault],
    space: FaultSpace,
) -> dict[str, Any]:
    """
    Return the figures of one network.

    :param right: its accuracy (of a detector: mAP) without faults, 0 to 1.
    :param faults: of ``space``, that were critical before hardening; the same bits of the same
        weights are hit.

    The rate of critical faults, which may be other ones now, is estimated by other trials.
    """
    engine = Engine(subject)
    same = [engine.space.same(fault, space) for fault in faults]
    damage = np.array([engine.run(fault)['damage'] for fault in same])
    accuracy = right * (1.0 - damage)
    found = search(
        engine,
        context_of(engine, engine.space.subset(settings.elements, settings.seed)),
        RESTAGE,
        settings.threshold,
        (settings.seed, 3),
        settings.rate_trials,
    )
    assert found.estimate is not None
    return {
        'clean_accuracy': round(right, 5),
        'accuracy_under_critical': round(float(accuracy.mean()), 5),
        'worst_accuracy': round(float(accuracy.min()), 5),
        'damage': [round(float(one), 6) for one in damage],
        'still_critical': round(float((damage >= settings.threshold).mean()), 5),
        'sdc_rate': round(found.estimate.rate, 6),
        'sdc_rate_ci95': [round(found.estimate.low, 6), round(found.estimate.high, 6)],
    }
