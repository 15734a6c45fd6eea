# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the report of pip-audit means for a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """
    Lines to print, and whether the build fails.

    It fails for a vulnerability that a newer release mends: that can be installed. One that none
    mends is shown. Packages that the service does not know are named, not passed over.
    """

    lines: tuple[str, ...]
    fails: bool


def judge(report: Mapping[str, Any]) -> Verdict:
    """Return the verdict on pip-audit's report (``--format json``)."""
    checked = [item for item in report['dependencies'] if 'vulns' in item]
    skipped = sorted(item['name'] for item in report['dependencies'] if 'vulns' not in item)
    lines, fails = [], False
    for item in checked:
        for found in item['vulns']:
            fix = ', '.join(found['fix_versions'])
            fails = fails or bool(fix)
            mended = f'mended in {fix}' if fix else 'no release mends it yet'
            names = ' '.join([found['id'], *found.get('aliases', ())])
            lines.append(f'{item["name"]} {item["version"]}: {names}: {mended}')
    count = sum(len(item['vulns']) for item in checked)
    lines.append(f'audit: {len(checked)} packages checked, {count} known vulnerabilities')
    if skipped:
        lines.append(f'audit: not checked, unknown to the service: {", ".join(skipped)}')
    return Verdict(tuple(lines), fails)
