# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Ask pip-audit about everything in .venv; 1 if a newer release mends a vulnerability."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from audit.judge import judge
from audit.service import unreachable

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / '.venv'
OWN = VENV / 'audit'


def main() -> int:
    """Return the exit status."""
    why = unreachable()
    if why:
        print(f'audit: not checked: the vulnerability service cannot be asked: {why}')
        return 0
    tool = OWN / 'bin' / 'pip-audit'
    if not tool.exists():
        # Apart: what audits is not what is audited.
        subprocess.run([sys.executable, '-m', 'venv', OWN], check=False)
        subprocess.run([OWN / 'bin' / 'pip', 'install', '-q', 'pip-audit'], check=False)
    if not tool.exists():
        print('audit: not checked: pip-audit could not be installed')
        return 0
    (packages,) = VENV.glob('lib/python3*/site-packages')
    done = subprocess.run(
        [tool, '--path', packages, '--format', 'json', '--progress-spinner', 'off'],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        verdict = judge(json.loads(done.stdout))
    except ValueError:
        print(f'audit: not checked: pip-audit failed: {done.stderr.strip()[-300:]}')
        return 0
    print('\n'.join(verdict.lines))
    return 1 if verdict.fails else 0


if __name__ == '__main__':
    sys.exit(main())
