# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Scenario files: what is read, what is refused, and the schedule they give."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from restage.detector import load_bundled
from restage.faults.enums import When
from restage.faults.errors import FaultError
from restage.faults.scenario import Expect
from restage.faults.scenario_file import load_scenario, parse_scenario
from restage.faults.stages import named_stage, stage_for

BUNDLED = sorted((Path(__file__).parents[2] / 'config' / 'scenarios').glob('*.yaml'))
STAGES = ['preprocess', *(f'backbone.{n}' for n in range(4)), 'neck', 'head', 'decode']
GOOD = """
schema: 1
name: good
description: Two.
seed: 7
faults:
  - {at_s: 4, kind: proc.kill, stage: neck}
  - at_s: 1.5
    kind: nn.neuron.nan
    stage: head
    parameters: {count: 4}
    repeat: {every_s: 2.0, times: 3}
    expect: {tier: retry_stage, recovers_within_ms: 33.3, frames_lost_at_most: 0}
"""


def test_schedule_is_sorted_with_ids_and_seeds_of_its_own():
    scenario = parse_scenario(yaml.safe_load(GOOD), 'good.yaml')
    plan = scenario.schedule()
    assert [(at_s, fault.id) for at_s, fault in plan] == [
        (1.5, 'good/2.1'),
        (3.5, 'good/2.2'),
        (4.0, 'good/1'),
        (5.5, 'good/2.3'),
    ]
    assert plan == parse_scenario(yaml.safe_load(GOOD), 'elsewhere').schedule()
    assert len({fault.seed for _, fault in plan}) == 4
    assert plan[0][1].parameters == {'count': 4}
    assert plan[2][1].when is When.DURING
    assert scenario.schedule(run=2)[0][1].id == 'good#2/2.1'
    assert scenario.schedule(run=2)[0][1].seed == plan[0][1].seed


def test_another_seed_gives_other_faults():
    data = yaml.safe_load(GOOD)
    seeds = {parse_scenario({**data, 'seed': n}, '').schedule()[0][1].seed for n in range(5)}
    assert len(seeds) == 5


def test_expectations_by_id():
    expected = parse_scenario(yaml.safe_load(GOOD), 'good.yaml').expectations()
    assert list(expected) == ['good/2.1', 'good/2.2', 'good/2.3']
    assert expected['good/2.1'] == Expect(
        tier='retry_stage', recovers_within_ms=33.3, frames_lost_at_most=0
    )


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        ('schema: 1', 'schema: 2', 's.yaml: schema: 2 (int); accepted: an integer 1..1'),
        ('schema: 1', '', 's.yaml: the key schema is missing'),
        ('name: good', 'name: [x]', "s.yaml: name: ['x'] (list); accepted: a string"),
        ('name: good', 'name: a b', "s.yaml: name: 'a b' (str); accepted: letters"),
        ('seed: 7', 'sede: 7', "s.yaml: unknown key 'sede'; did you mean 'seed'?"),
        ('seed: 7', 'seed: -1', 's.yaml: seed: -1 (int); accepted: an integer 0..'),
        ('at_s: 4', 'at_s: -4', 's.yaml: faults[0].at_s: -4 (int); accepted: a number of at least'),
        ('at_s: 4', 'at_s: .nan', 'faults[0].at_s: nan (float)'),
        ('proc.kill', 'proc.kil', "faults[0]: unknown fault kind 'proc.kil'; did you mean"),
        ('stage: neck', 'stages: neck', "faults[0]: unknown key 'stages'; did you mean 'stage'?"),
        ('stage: neck', 'when: never', "faults[0]: unknown 'when' 'never'; accepted: before"),
        ('stage: neck', 'target: a b', "faults[0]: 'target' is 'a b'"),
        ('stage: neck', 'probability: 2', "faults[0]: 'probability' is 2.0"),
        ('count: 4', 'count: 0', "faults[1]: parameter 'count': 0 is out of range"),
        ('count: 4', 'cuont: 4', "faults[1].parameters: unknown key 'cuont'; did you mean 'count'"),
        ('{count: 4}', '4', 'faults[1].parameters: 4 (int); accepted: a mapping'),
        ('times: 3', 'times: 0', 'faults[1].repeat.times: 0 (int); accepted: an integer 1..'),
        ('every_s: 2.0', 'every_s: 0', 'faults[1].repeat.every_s: 0 (int); accepted: a number a'),
        ('retry_stage', 'retry', "faults[1].expect.tier: 'retry' (str); accepted: one of none"),
        ('33.3', 'soon', "faults[1].expect.recovers_within_ms: 'soon' (str)"),
    ],
)
def test_refused(old, new, message):
    assert old in GOOD
    with pytest.raises(FaultError) as caught:
        parse_scenario(yaml.safe_load(GOOD.replace(old, new, 1)), 's.yaml')
    assert message in str(caught.value)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('data', [None, [], 'text', {'schema': 1, 'name': 'x', 'faults': []}])
def test_refused_documents(data):
    with pytest.raises(FaultError, match=r's\.yaml: '):
        parse_scenario(data, 's.yaml')


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (None, 'No such file'),
        (b'faults: [', 'not YAML'),
        (b'\xff\xfe\xff', 'not UTF-8'),
        (b'', 'nothing; accepted: a mapping'),
        (b'a: !!python/object/apply:os.getcwd []', 'not YAML'),
    ],
)
def test_refused_files(tmp_path, content, message):
    path = tmp_path / 'bad.yaml'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FaultError) as caught:
        load_scenario(path)
    assert str(caught.value).startswith(f'{path}: ')
    assert message in str(caught.value)


@pytest.mark.parametrize('path', BUNDLED, ids=lambda path: path.stem)
def test_bundled_scenarios(path):
    scenario = load_scenario(path)
    assert scenario.name == path.stem
    model = load_bundled()
    for planned in scenario.faults:
        assert not planned.stage or named_stage(planned.stage, model).name in STAGES
    assert path.read_text().startswith('# Copyright')


def test_the_standard_scenario():
    path = next(path for path in BUNDLED if path.stem == 'standard')
    model = load_bundled()
    plan = [
        (at_s, fault.kind, stage_for(fault, model).name)
        for at_s, fault in load_scenario(path).schedule()
    ]
    assert plan == [
        (2.0, 'nn.neuron.nan', 'neck'),
        (4.0, 'nn.stage.exception', 'backbone.2'),
        (6.0, 'nn.neuron.nan', 'backbone.1'),
        (8.0, 'timing.delay', 'head'),
        (10.0, 'proc.kill', 'backbone.3'),
        (20.0, 'proc.kill', 'neck'),
    ]
