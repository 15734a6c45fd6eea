# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from restage.cli import main
from restage.hardening.clipping import calibrate
from restage.hardening.search import context_of, search
from restage.hardening.training import Recipe, faulty, harden
from restage.sampling.classifier.digits import Digits, load_digits
from restage.sampling.classifier.subject import classifier_subject
from restage.sampling.classifier.training import accuracy
from restage.sampling.classifier.weights import load_classifier
from restage.sampling.engine import Engine


@pytest.fixture(scope='module')
def few() -> Digits:
    digits = load_digits(held_out=False)
    return Digits(digits.images[:128], digits.labels[:128])


def test_training_with_faults_keeps_what_was_learned_and_leaves_no_fault(few: Digits) -> None:
    network = load_classifier('vgg')
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    ranges = calibrate(classifier_subject('vgg', network, few))
    recipe = Recipe(epochs=2, trials=30, images=20, elements=60)
    told: list[tuple[int, int]] = []
    trained = harden(network, few, recipe, ranges, lambda *found: told.append(found))
    assert [trials for _, trials in told] == [30, 60]
    assert all(torch.equal(before[name], one) for name, one in network.state_dict().items())
    after = trained.state_dict()
    assert any(not torch.equal(before[name], one) for name, one in after.items())
    # Steps of 5e-4 at most: no weight has kept a top exponent bit.
    assert all(float((after[name] - one).abs().max()) < 0.1 for name, one in before.items())
    assert accuracy(trained, load_digits(held_out=True)) > 0.97


def test_without_clipping_a_fault_that_makes_no_number_teaches_nothing(few: Digits) -> None:
    trained = harden(load_classifier('vgg'), few, Recipe(epochs=1, trials=40, images=20))
    assert all(bool(torch.isfinite(one).all()) for one in trained.state_dict().values())
    assert accuracy(trained, load_digits(held_out=True)) > 0.97


def test_a_fault_is_there_while_it_is_learned_with(few: Digits) -> None:
    subject = classifier_subject('vgg', load_classifier('vgg'), few)
    space = Engine(subject).space
    fault = space.fault(31)  # the sign of the first weight
    weight = subject.weights[space.sites[0].tensor][0, 0, 0]
    old = float(weight[0])
    with faulty(subject, space, fault):
        assert float(weight[0]) == -old != 0.0
    assert float(weight[0]) == old


def test_a_search_ends_when_it_has_what_was_wanted(few: Digits) -> None:
    some = Digits(few.images[:20], few.labels[:20])
    engine = Engine(classifier_subject('vgg', load_classifier('vgg'), some))
    space = engine.space.subset(120, 1)
    context = context_of(engine, space)
    found = search(engine, context, 'restage', 0.25, (1,), 300, 5)
    assert 5 <= len(found.critical) < 10
    assert found.trials < 100
    assert all(engine.run(fault)['damage'] >= 0.25 for fault in found.critical)
    assert len(set(found.critical)) == len(found.critical)


def test_the_command_writes_weights_that_campaigns_take(tmp_path: Path) -> None:
    out, path = tmp_path / 'hard.safetensors', tmp_path / 'harden.json'
    words = ['harden', '--model', 'vgg', '--quick', '--out', str(out), '--json', str(path)]
    words += ['--report', str(tmp_path)]
    assert main(words) in (0, 1)
    document = json.loads(path.read_text())
    assert '>as it was<' in (tmp_path / 'harden.html').read_text()
    assert document['schema'] == 1
    assert list(document['variants']) == ['as it was', 'trained', 'clipped', 'both']
    variants = document['variants']
    assert variants['as it was']['still_critical'] == 1.0
    before, clipped = (
        variants[name]['accuracy_under_critical'] for name in ('as it was', 'clipped')
    )
    assert clipped > before + 0.3
    assert document['search']['restage']['trials'] < document['search']['uniform']['trials']
    assert set(load_file(str(out))) == set(load_classifier('vgg').state_dict())
    assert accuracy(load_classifier('vgg', out), load_digits(held_out=True)) > 0.97


def test_a_model_that_cannot_be_trained_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ['harden', '--model', 'alexnet', '--out', str(tmp_path / 'x')]
    assert main(words) == 2
    assert "model 'alexnet'; accepted: resnet, vgg, bundled" in capsys.readouterr().out
