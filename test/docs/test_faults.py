# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""docs/faults.md, the scenarios and the policy say what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from restage.faults.scenario_file import EXPECT_KEYS, FAULT_KEYS, load_scenario
from restage.faults.taxonomy import KINDS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / 'docs' / 'faults.md').read_text()
SCENARIOS = sorted((ROOT / 'config' / 'scenarios').glob('*.yaml'))


def test_every_kind_is_listed_where_it_acts():
    part = TEXT.split('<!-- kinds: ')[1].split('<!-- /kinds -->')[0]
    found = {}
    for line in part.splitlines()[1:]:
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        for name in re.findall(r'`(\w+)`', cells[1]):
            found[f'{cells[0].strip("`")}.{name}'] = cells[2].strip('`')
    assert set(found) == {kind.name for kind in KINDS}
    for kind in KINDS:
        assert (found[kind.name] == 'fault_proxy') == (kind.default_target == 'fault_proxy')


def test_the_example_has_every_key():
    example = TEXT.split('```yaml')[1].split('```')[0]
    assert {key for key in (*FAULT_KEYS, *EXPECT_KEYS) if f'{key}:' not in example} == set()


def test_there_is_a_library_of_scenarios_that_use_every_class():
    assert len(SCENARIOS) >= 12
    used = {planned.kind for path in SCENARIOS for planned in load_scenario(path).faults}
    classes = {kind.fault_class for kind in KINDS}
    assert {kind.rpartition('.')[0] for kind in used} == classes


@pytest.mark.parametrize('path', SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_is_named_as_its_file_and_says_what_it_is(path: Path):
    scenario = load_scenario(path)
    assert scenario.name == path.stem
    assert scenario.description
    ids = [fault.id for _, fault in scenario.schedule()]
    assert len(ids) == len(set(ids))


def test_only_the_injector_may_publish_fault_commands():
    tree = ElementTree.parse(ROOT / 'config' / 'security' / 'policy.xml')
    may = {
        profile.get('node')
        for profile in tree.iter('profile')
        for topics in profile.findall('topics')
        if topics.get('publish') and 'fault_commands' in {topic.text for topic in topics}
    }
    assert may == {'injector'}
