# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from functools import partial
from itertools import islice

import numpy as np
import pytest
import torch

from restage.detector.bounds import fit_bounds, has_bounds, with_bounds
from restage.detector.heldout import evaluate_held_out
from restage.detector.network import INPUT_SIZE
from restage.detector.samples import Samples, pack_objects
from restage.detector.weights import load_network
from restage.hardening import detector_run
from restage.hardening.detector_training import Recipe, frames, harden_detector, pictures
from restage.hardening.document import build
from restage.hardening.settings import HardenSettings
from restage.sampling.pictures import held_out
from restage.scene import RoadScene


@pytest.fixture(scope='module')
def samples() -> Samples:
    width, height = INPUT_SIZE
    scene = RoadScene(2_900_000, width, height)
    shown = [scene.frame(index) for index in (0, 40, 80, 120)]
    return Samples(
        images=np.stack([one.image for one in shown]),
        truth=np.stack([pack_objects(one.objects) for one in shown]),
    )


def test_samples_are_seen_as_a_camera_would_show_them(samples: Samples) -> None:
    [(image, truth), *_] = frames(samples, 2)
    assert torch.equal(image, torch.from_numpy(samples.images[0]))
    assert len(truth.boxes) == int((samples.truth[0][:, 4] >= 0).sum()) > 0
    assert truth.boxes.shape == (len(truth.classes), 4)
    assert len(list(pictures(samples, 4))) == 4
    picture = next(pictures(samples, 4))
    assert picture.shape == (1, 3, INPUT_SIZE[1], INPUT_SIZE[0])
    assert torch.equal(picture[0, 2], torch.from_numpy(samples.images[0][..., 2]) * (1.0 / 255.0))


def test_training_leaves_the_original_and_no_fault_behind(samples: Samples) -> None:
    network = with_bounds(load_network())
    fit_bounds(network, pictures(samples, 4))
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    recipe = Recipe(seed=3, epochs=1, trials=40, threshold=0.01, frames=1, batch=2, elements=400)
    told: list[tuple[int, int]] = []
    trained = harden_detector(network, samples, recipe, lambda *found: told.append(found))
    assert [trials for _, trials in told] == [40]
    assert told[0][0] > 0  # something was learned with
    assert all(torch.equal(before[name], one) for name, one in network.state_dict().items())
    after = trained.state_dict()
    assert not any(weight.requires_grad for weight in trained.parameters())
    for name, one in before.items():
        assert bool(torch.isfinite(after[name]).all())
        # Two steps of 2e-4 at most: no weight has kept a top exponent bit.
        if '.bound.' not in name:
            assert float((after[name] - one).abs().max()) < 1e-3
    assert any(not torch.equal(before[name], one) for name, one in after.items())


def test_what_hardening_is_worth_is_measured(
    samples: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detector_run, 'render_samples', lambda *_: samples)
    one_scene = partial(evaluate_held_out, scenes=1)
    monkeypatch.setattr(detector_run, 'evaluate_held_out', one_scene)
    monkeypatch.setattr(detector_run, 'held_out', lambda _: islice(held_out(1), 2))
    settings = HardenSettings(
        model='bundled',
        epochs=1,
        trials=5,
        critical=2,
        most=20,
        rate_trials=5,
        elements=400,
        held_out=1,
    )
    hardened = detector_run.harden_and_measure(settings, lambda _: None)
    document = build(settings, hardened)
    variants = document['variants']
    assert list(variants) == ['as it was', 'clipped', 'both']
    assert variants['as it was']['still_critical'] == 1.0
    before, clipped = (variants[one]['accuracy_under_critical'] for one in list(variants)[:2])
    assert clipped > before + 0.3
    assert 'backbone.0.bound' in document['ranges']
    assert all('head.bound' not in name for name in document['ranges'])
    network = with_bounds(load_network())
    network.load_state_dict(hardened.state)
    assert has_bounds(network)
