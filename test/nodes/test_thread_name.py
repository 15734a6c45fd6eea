# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from pathlib import Path

from restage.nodes.thread_name import LONGEST, name_thread


def test_the_kernel_knows_the_calling_thread_and_no_other_by_that_name() -> None:
    found: list[str] = []

    def run() -> None:
        name_thread('a-name-that-is-too-long')
        task = Path(f'/proc/self/task/{threading.get_native_id()}/comm')
        found.append(task.read_text().strip())

    before = Path('/proc/self/comm').read_text()
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == ['a-name-that-is-too-long'[:LONGEST]]
    assert Path('/proc/self/comm').read_text() == before
