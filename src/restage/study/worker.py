# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""An inference in a thread of its own, as a node of a camera pipeline has it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from restage.study.frameworks.framework import Outputs, Run


class Worker:
    """Runs ``work`` in a thread; what it raises is raised where it is waited for."""

    def __init__(self, work: Run) -> None:
        """Begin at once."""
        self._work = work
        self._made: Outputs = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._made = self._work()
        except BaseException as error:  # told to whoever waits
            self._error = error

    def wait(self) -> Outputs:
        """Return what the work made."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._made


def while_running(work: Run, after_s: float, strike: Callable[[], None]) -> Outputs:
    """Run ``work``, call ``strike`` that long after its begin, and return what came of the work."""
    worker = Worker(work)
    until = time.perf_counter() + after_s
    while time.perf_counter() < until:
        time.sleep(0.0002)
    strike()
    return worker.wait()
