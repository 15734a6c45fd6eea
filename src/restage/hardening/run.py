# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Harden a classifier and measure what each part of it is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from safetensors.torch import save_file

from restage.coverage.document import write
from restage.coverage.table import goal_table
from restage.hardening.clipping import Ranges, calibrate, clipped
from restage.hardening.compare import worth
from restage.hardening.document import build
from restage.hardening.page import COLUMNS, cells, write_page
from restage.hardening.search import Found, context_of, search
from restage.hardening.settings import HardenSettings
from restage.hardening.training import Recipe, harden
from restage.sampling.classifier.digits import Digits, load_digits
from restage.sampling.classifier.networks import VGG, ResNet
from restage.sampling.classifier.subject import classifier_subject
from restage.sampling.classifier.training import accuracy
from restage.sampling.classifier.weights import load_classifier
from restage.sampling.engine import Engine
from restage.sampling.samplers.registry import RESTAGE, UNIFORM
from restage.sampling.subject import Subject

SEARCHERS = (UNIFORM, 'isimdl-important-gradient', 'top-bit', RESTAGE)
Classifier = ResNet | VGG


def run_harden(
    settings: HardenSettings, out: Path, report: Path, json_path: Path | None, console: Console
) -> int:
    """
    Write the hardened weights to ``out``; return 0 when every goal was met, else 1.

    :raises ValueError: when there is nothing critical to train with.
    :raises OSError: when a file cannot be written.
    """
    report.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    training, held_out = load_digits(held_out=False), load_digits(held_out=True)
    few = Digits(held_out.images[: settings.images], held_out.labels[: settings.images])
    network = load_classifier(settings.model)
    base = classifier_subject(settings.model, network, few)
    costs = _search_costs(settings, base, console)
    faults = costs[RESTAGE].critical
    if not faults:
        raise ValueError(f'no critical fault in {settings.most} trials; accepted: more --most')
    ranges = calibrate(classifier_subject(settings.model, network, training))
    recipe = Recipe(
        seed=settings.seed,
        epochs=settings.epochs,
        trials=settings.trials,
        threshold=settings.threshold,
    )
    trained = {'trained': _train(network, training, recipe, None, console)}
    trained['both'] = _train(network, training, recipe, ranges, console)
    own = calibrate(classifier_subject(settings.model, trained['both'], training))
    variants: dict[str, tuple[Classifier, Ranges | None]] = {
        'as it was': (network, None),
        'trained': (trained['trained'], None),
        'clipped': (network, ranges),
        'both': (trained['both'], own),
    }
    found = {}
    for name, (classifier, limits) in variants.items():
        console.print(f'measuring: {name}', highlight=False)
        right, subject = _in_use(settings.model, classifier, few, held_out, limits)
        found[name] = worth(
            subject, right, faults, settings.threshold, settings.rate_trials, settings.seed
        )
    save_file(
        {key: value.contiguous() for key, value in trained['both'].state_dict().items()},
        str(out),
        metadata={'model': settings.model, 'license': 'Apache-2.0'},
    )
    document = build(settings, costs, found, ranges)
    target = report / 'harden.json'
    for path in (target, json_path):
        if path is not None:
            write(document, path)
    page = write_page(document, report / 'harden.html')
    _show(document, console)
    console.print(f'written: {out}, {target}, {page}', highlight=False)
    return 0 if all(goal['met'] is not False for goal in document['goals']) else 1


def _search_costs(settings: HardenSettings, base: Subject, console: Console) -> dict[str, Found]:
    engine = Engine(base)
    context = context_of(engine, engine.space)
    costs = {}
    for name in SEARCHERS:
        console.print(f'search: {name}', highlight=False)
        costs[name] = search(
            engine,
            context,
            name,
            settings.threshold,
            (settings.seed, 1),
            settings.most,
            settings.critical,
        )
    return costs


def _train(
    network: Classifier,
    training: Digits,
    recipe: Recipe,
    ranges: Ranges | None,
    console: Console,
) -> Classifier:
    kind = 'without clipping' if ranges is None else 'with clipping'

    def told(critical: int, trials: int) -> None:
        console.print(f'training {kind}: {critical} critical faults of {trials}', highlight=False)

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


def _show(document: dict[str, Any], console: Console) -> None:
    table = Table(title='Under the same critical faults', title_justify='left', box=SIMPLE_HEAD)
    table.add_column('network', no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, justify='right', no_wrap=True)
    for name, one in document['variants'].items():
        table.add_row(name, *cells(one))
    console.print(table)
    for name, one in document['search'].items():
        console.print(
            f'{name}: {one["critical"]} critical faults in {one["trials"]} trials', highlight=False
        )
    console.print(goal_table(document))
