# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Harden a classifier and measure what each part of it is worth."""

from __future__ import annotations

import torch

from restage.hardening.clipping import Ranges, calibrate, clipped
from restage.hardening.compare import worth
from restage.hardening.outcome import Hardened
from restage.hardening.search import Say, critical_of, search_costs
from restage.hardening.settings import HardenSettings
from restage.hardening.training import Recipe, harden
from restage.sampling.classifier.digits import Digits, load_digits
from restage.sampling.classifier.networks import VGG, ResNet
from restage.sampling.classifier.subject import classifier_subject
from restage.sampling.classifier.training import accuracy
from restage.sampling.classifier.weights import load_classifier
from restage.sampling.engine import Engine
from restage.sampling.subject import Subject

Classifier = ResNet | VGG


def harden_and_measure(settings: HardenSettings, say: Say) -> Hardened:
    """
    Return the hardened classifier and what it is worth.

    :raises ValueError: when there is nothing critical to train with.
    """
    images = settings.images or 200
    training, held_out = load_digits(held_out=False), load_digits(held_out=True)
    few = Digits(held_out.images[:images], held_out.labels[:images])
    network = load_classifier(settings.model)
    engine = Engine(classifier_subject(settings.model, network, few))
    costs = search_costs(settings, engine, say)
    faults = critical_of(costs, settings)
    ranges = calibrate(classifier_subject(settings.model, network, training))
    recipe = Recipe(
        seed=settings.seed,
        epochs=settings.epochs,
        trials=settings.trials,
        threshold=settings.threshold,
    )
    trained = {'trained': _train(network, training, recipe, None, say)}
    trained['both'] = _train(network, training, recipe, ranges, say)
    own = calibrate(classifier_subject(settings.model, trained['both'], training))
    variants: dict[str, tuple[Classifier, Ranges | None]] = {
        'as it was': (network, None),
        'trained': (trained['trained'], None),
        'clipped': (network, ranges),
        'both': (trained['both'], own),
    }
    found = {}
    for name, (classifier, limits) in variants.items():
        say(f'measuring: {name}')
        right, subject = _in_use(settings.model, classifier, few, held_out, limits)
        found[name] = worth(settings, subject, right, faults, engine.space)
    state = dict(trained['both'].state_dict())
    return Hardened(state=state, costs=costs, variants=found, ranges=ranges)


def _train(
    network: Classifier, training: Digits, recipe: Recipe, ranges: Ranges | None, say: Say
) -> Classifier:
    kind = 'without clipping' if ranges is None else 'with clipping'

    def told(critical: int, trials: int) -> None:
        say(f'training {kind}: {critical} critical faults of {trials}')

    return harden(network, training, recipe, ranges, told)


def _in_use(
    name: str, classifier: Classifier, few: Digits, held_out: Digits, limits: Ranges | None
) -> tuple[float, Subject]:
    """Return the accuracy on all held-out digits, and the subject on a few of them."""
    subject = classifier_subject(name, classifier, few)
    if limits is None:
        return accuracy(classifier, held_out), subject
    whole = clipped(classifier_subject(name, classifier, held_out), limits).whole
    with torch.inference_mode():
        logits = whole({'x': held_out.images})['logits']
    right = float((logits.argmax(1) == held_out.labels).double().mean())
    return right, clipped(subject, limits)
