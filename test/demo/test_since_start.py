# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys


def test_it_counts_from_the_start_of_the_process() -> None:
    code = (
        'import time; time.sleep(0.3); '
        'from restage.demo.since_start import since_start_s; '
        'first = since_start_s(); time.sleep(0.2); print(first, since_start_s())'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    first, second = map(float, done.stdout.split())
    assert first + 0.01 >= 0.3  # the kernel counts in hundredths of a second
    assert second - first >= 0.2
