# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""docs/security.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_test_it_names_exists() -> None:
    text = (ROOT / 'docs' / 'security.md').read_text()
    table = text.split('<!-- mitigations: ')[1].split('<!-- /mitigations -->')[0]
    rows = [line for line in table.splitlines() if line.startswith('| ')][2:]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r'`(test/\S+\.py)`', row.split('|')[4])
        assert len(named) == 1, row
    for path in re.findall(r'`(test/\S+\.py)`', text):
        assert (ROOT / path).is_file(), path
