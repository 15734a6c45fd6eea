# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch

from restage.hardening.clipping import calibrate, clipped
from restage.sampling.classifier.digits import load_digits
from restage.sampling.classifier.subject import classifier_subject
from restage.sampling.classifier.weights import load_classifier
from restage.sampling.engine import Engine


def test_without_a_fault_nothing_is_clipped_and_a_top_bit_does_less_harm() -> None:
    digits = load_digits(held_out=True)
    few = type(digits)(digits.images[:40], digits.labels[:40])
    subject = classifier_subject('vgg', load_classifier('vgg'), few)
    safe = clipped(subject, calibrate(subject))
    [state] = subject.inputs
    with torch.inference_mode():
        assert torch.equal(safe.whole(state)['logits'], subject.whole(state)['logits'])
    plain, guarded = Engine(subject), Engine(safe)
    damage = []
    for element in range(0, plain.space.elements, plain.space.elements // 30):
        fault = plain.space.fault(element * 32 + 30)
        damage.append((plain.run(fault)['damage'], guarded.run(fault)['damage']))
        assert guarded.run(fault) == guarded.run_naively(fault)
        assert guarded.run(fault)['not_finite'] == 0.0
    without, with_it = (sum(column) for column in zip(*damage, strict=True))
    assert without > 5.0
    assert with_it < without / 3
