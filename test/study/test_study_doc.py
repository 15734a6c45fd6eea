# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""docs/study.md says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

from restage.study.frameworks import FRAMEWORKS
from restage.study.markdown import tables
from restage.study.mistakes import MISTAKES

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / 'docs' / 'study.md').read_text()


def part(name: str) -> str:
    return TEXT.split(f'<!-- {name}: ')[1].split(f'<!-- /{name} -->')[0]


def test_every_error_is_listed_with_its_number_and_its_fault():
    found = {}
    for line in part('errors').splitlines()[3:]:
        name, cwe, what, fault = (cell.strip() for cell in line.strip('|').split('|'))
        found[name.strip('`')] = (int(cwe), what, fault.strip('`'))
    assert found == {one.name: (one.cwe, one.what, one.restage) for one in MISTAKES.values()}


def test_every_error_has_its_snippet():
    found = re.findall(r'\*\*`(\w+)`\*\*, CWE-(\d+)\n\n```text\n(.*?)\n```', part('snippets'), re.S)
    assert found == [(one.name, str(one.cwe), one.snippet.strip()) for one in MISTAKES.values()]


def test_every_framework_is_listed_with_its_package():
    rows = re.findall(r'^\| `(\w+)` \| ([\w-]+) \|', TEXT, re.M)
    packages = {name: package for name, package in rows if name in FRAMEWORKS}
    assert packages == {one.name: one.distribution for one in FRAMEWORKS.values()}


def test_the_tables_of_the_findings_are_those_of_the_results():
    results = ROOT / 'docs' / 'results'
    document = json.loads((results / 'study.json').read_text())
    text = (results / 'study-findings.md').read_text()
    block = text.split('<!-- run -->\n')[1].split('\n<!-- /run -->')[0]
    assert block == '\n'.join(tables(document))


def test_the_results_are_of_what_is_here_now():
    document = json.loads((ROOT / 'docs' / 'results' / 'study.json').read_text())
    assert document['errors'] == list(MISTAKES)
    assert len(document['frameworks']) >= 5
    for name, details in document['error_details'].items():
        assert details['cwe'] == MISTAKES[name].cwe
