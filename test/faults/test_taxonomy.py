# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The taxonomy: what it accepts, and how it refuses the rest."""

from __future__ import annotations

import pytest

from restage.faults.effects import EFFECTS
from restage.faults.errors import FaultError
from restage.faults.kind import Place
from restage.faults.listing import kinds_as_data
from restage.faults.taxonomy import KINDS, find_kind


def test_every_kind_has_an_effect():
    detectors = [kind.name for kind in KINDS if kind.place is Place.DETECTOR]
    assert detectors == list(EFFECTS)


@pytest.mark.parametrize('kind', KINDS, ids=lambda kind: kind.name)
def test_defaults_are_themselves_acceptable(kind):
    defaults = kind.complete({})
    assert kind.complete(defaults) == defaults
    assert all(spec.help_text for spec in kind.parameters)


def test_unknown_kind_names_the_nearest_and_all():
    with pytest.raises(FaultError) as caught:
        find_kind('nn.neuron.nam')
    assert str(caught.value) == (
        "unknown fault kind 'nn.neuron.nam'; did you mean 'nn.neuron.nan'? accepted: "
        + ', '.join(kind.name for kind in KINDS)
    )


@pytest.mark.parametrize(
    ('kind', 'values', 'message'),
    [
        ('timing.hang', {'mode': 'nativ'}, "unknown 'mode' 'nativ'; did you mean 'native'?"),
        ('nn.neuron.nan', {'counts': 1}, "unknown parameter of 'nn.neuron.nan' 'counts'; did"),
        ('nn.stage.exception', {'x': 1}, "'x'; accepted: none"),
        ('nn.neuron.nan', {'count': 0}, "'count': 0 is out of range; accepted: integer 1..1000000"),
        ('nn.neuron.nan', {'count': 1.0}, "'count': 1.0 is of type float"),
        ('nn.neuron.nan', {'count': True}, "'count': True is of type bool"),
        ('timing.delay', {'delay_ms': float('nan')}, 'nan is out of range'),
        ('timing.delay', {'delay_ms': None}, 'None is of type NoneType'),
        ('timing.delay', {'mode': 'bussy'}, "unknown 'mode' 'bussy'; did you mean 'busy'?"),
    ],
)
def test_refused_parameters(kind, values, message):
    with pytest.raises(FaultError) as caught:
        find_kind(kind).complete(values)
    assert message in str(caught.value)


def test_an_integer_does_for_a_double():
    delay = find_kind('timing.delay').complete({'delay_ms': 20})['delay_ms']
    assert (delay, type(delay)) == (20.0, float)


def test_parsing_text():
    assert find_kind('nn.neuron.bit_flip').spec('bit').parse('30') == 30
    assert find_kind('timing.delay').spec('delay_ms').parse('1.5') == 1.5
    assert find_kind('timing.delay').spec('mode').parse('sleep') == 'sleep'
    with pytest.raises(FaultError, match="'many' is not a number; accepted: integer"):
        find_kind('nn.neuron.nan').spec('count').parse('many')


def test_data_has_every_parameter():
    data = {entry['kind']: entry for entry in kinds_as_data()}
    assert data['proc.kill']['class'] == 'proc'
    assert data['proc.kill']['when'][0] == 'during'
    assert data['timing.delay']['parameters'][0]['unit'] == 'ms'
