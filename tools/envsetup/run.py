# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run a step's command: quiet when it works, its whole output when it does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def say(text: str) -> None:
    """Tell the user what is being done."""
    print(f'[setup] {text}', flush=True)


def run(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> None:
    """
    Run ``command`` and wait for it.

    :raises SystemExit: when it fails, after printing what it said.
    """
    words = [str(word) for word in command]
    done = subprocess.run(
        words, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        sys.stdout.write(done.stdout)
        raise SystemExit(f'[setup] failed ({done.returncode}): {" ".join(words)}')
