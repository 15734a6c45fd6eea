# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Harden the detector and measure what each part of it is worth."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from restage.detector.bounds import Bound, fit_bounds, with_bounds
from restage.detector.heldout import evaluate_held_out
from restage.detector.network import RoadNet
from restage.detector.samples import render_samples
from restage.detector.session import EVALUATION_THRESHOLD
from restage.detector.staged import staged
from restage.detector.weights import load_network
from restage.hardening.clipping import Ranges
from restage.hardening.compare import worth
from restage.hardening.detector_training import FITTED, Recipe, harden_detector, pictures
from restage.hardening.outcome import Hardened
from restage.hardening.search import Say, critical_of, search_costs
from restage.hardening.settings import HardenSettings
from restage.sampling.detector_subject import subject_of
from restage.sampling.engine import Engine
from restage.sampling.pictures import held_out


def harden_and_measure(settings: HardenSettings, say: Say) -> Hardened:
    """
    Return the hardened detector, with bounds inside, and what it is worth.

    :raises ValueError: when there is nothing critical to train with.
    """
    images = settings.images or 14
    network = load_network()
    engine = Engine(subject_of(network, held_out(images)))
    costs = search_costs(settings, engine, say)
    faults = critical_of(costs, settings)
    recipe = Recipe(
        seed=settings.seed,
        epochs=settings.epochs,
        trials=settings.trials,
        threshold=settings.threshold,
        elements=settings.elements,
    )

    def told(critical: int, trials: int) -> None:
        say(f'training: {critical} critical faults of {trials}')

    with TemporaryDirectory(prefix='restage-harden-') as folder:
        say(f'rendering {settings.frames} frames')
        samples = render_samples(Path(folder), settings.frames, settings.seed, 1, lambda _: None)
        clipped = with_bounds(network)
        fit_bounds(clipped, pictures(samples, FITTED))
        both = harden_detector(clipped, samples, recipe, told)
    found = {}
    for name, one in {'as it was': network, 'clipped': clipped, 'both': both}.items():
        say(f'measuring: {name}')
        right = evaluate_held_out(
            staged(one, EVALUATION_THRESHOLD), lambda _: None, frames=settings.held_out
        ).mean
        subject = subject_of(one, held_out(images))
        found[name] = worth(settings, subject, right, faults, engine.space)
    return Hardened(
        state=dict(both.state_dict()), costs=costs, variants=found, ranges=_ranges(clipped)
    )


def _ranges(network: RoadNet) -> Ranges:
    """Return what the bound of each layer lets through."""
    return {
        name: (0.0, float(part.high))
        for name, part in network.named_modules()
        if isinstance(part, Bound)
    }
