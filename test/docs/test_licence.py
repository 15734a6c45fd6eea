# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every source file says whose it is and under which licence."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ('*.py', '*.sh', 'docker/Dockerfile*', 'docker/compose.yaml', 'config/security/*.xml')


def test_every_source_file_has_a_copyright_statement() -> None:
    done = subprocess.run(
        ['git', 'ls-files', *SOURCES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [ROOT / name for name in done.stdout.split() if not name.endswith('.dockerignore')]
    assert len(files) > 300
    without = []
    for file in files:
        head = file.read_text(encoding='utf-8')[:500]
        if 'Copyright' not in head or 'SPDX-License-Identifier: Apache-2.0' not in head:
            without.append(str(file.relative_to(ROOT)))
    assert without == []
