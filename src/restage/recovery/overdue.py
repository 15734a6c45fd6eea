# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a process that broke its promise hangs, or only waited for a core.

The kernel accounts, for every thread, how long it was ready to run and did not (``run_delay``).
What a process has waited so is added to its deadline, up to a limit: on an overloaded machine a
healthy detector is not killed for being starved. A hung one is found as soon as ever where it gets
a core or wants none. One that loops among others that want the core as well has threads that wait
for as long as it hangs: it is found when the limit is reached.

Source: Documentation/scheduler/sched-stats.rst of the Linux kernel.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from restage.recovery.stolen import stolen_ns

# The waiting is counted from so long before the deadline on; shorter than the shortest deadline.
ZONE_NS = 20_000_000
# A promise is not taken for broken before it was watched for so long.
WATCHED_NS = 10_000_000
# More than that is no excuse: a hang is found on any machine.
LONGEST_EXCUSE_NS = 2_000_000_000
# Processes whose threads, and whose last promise, are remembered.
KEPT = 16
# What the kernel knows the inference thread as.
INFERENCE = 'inference'


class RunDelay:
    """
    How long the two threads that a promise depends on have waited for a core so far, in sum.

    They are the main thread, which shares Python's lock with it, and the one named ``INFERENCE``:
    those of DDS say nothing about either, and would excuse a hang.
    The kernel adds a wait to its account only when it is over. A thread that is ready to run and
    has not run from one look to the next has waited in between, maybe still: that is added here.
    """

    def __init__(self) -> None:
        self._threads: dict[int, dict[str, tuple[str, int]]] = {}

    def __call__(self, pid: int) -> int:
        """Return the sum for ``pid``, ns; call often while it matters."""
        now = time.monotonic_ns()
        before = self._threads.get(pid, {})
        threads: dict[str, tuple[str, int]] = {}
        total = 0
        with contextlib.suppress(OSError):
            for task in Path(f'/proc/{pid}/task').iterdir():
                # A thread may end meanwhile, and a kernel may keep no account.
                with contextlib.suppress(OSError, IndexError, ValueError):
                    if task.name != str(pid) and (task / 'comm').read_text() != f'{INFERENCE}\n':
                        continue
                    account = (task / 'schedstat').read_text()
                    known, since_ns = before.get(task.name, ('', now))
                    if account != known or not _ready(task):
                        since_ns = now
                    total += int(account.split()[1]) + now - since_ns
                    threads[task.name] = (account, since_ns)
        if len(self._threads) > KEPT:  # most of them have died
            self._threads.clear()
        self._threads[pid] = threads
        return total


def _ready(task: Path) -> bool:
    """Return whether a thread runs, or waits for nothing but a core."""
    stat = (task / 'stat').read_text()
    # The name, in brackets, may hold spaces and brackets itself.
    return stat[stat.rindex(')') + 2] == 'R'


@dataclass
class _Seen:
    """A promise, when it was first and last looked at, and what its process had waited at first."""

    due_ns: int
    waited_ns: int
    first_ns: int
    last_ns: int
    excused: bool = False


class Overdue:
    """
    Judges promises by process; call often.

    ``excused``: how many were late, and the process had only waited for a core.
    """

    def __init__(
        self,
        run_delay: Callable[[int], int] | None = None,
        stolen: Callable[[], int] = stolen_ns,
    ) -> None:
        """
        Ask ``run_delay(pid)`` for what a process has waited, and ``stolen()`` for more.

        What a hypervisor takes away, it takes from threads that the kernel believes to run.
        """
        self._run_delay = run_delay or RunDelay()
        self._stolen = stolen
        self.excused = 0
        self._seen: dict[int, _Seen] = {}

    def late_ns(self, pid: int, due_ns: int, now_ns: int) -> int:
        """Return for how long the promise for ``due_ns`` has been broken without excuse; 0: not."""
        if now_ns < due_ns - ZONE_NS:
            return 0
        seen = self._seen.get(pid)
        if seen is None or seen.due_ns != due_ns:
            if seen is None and len(self._seen) >= KEPT:
                # Nobody looks at the one that was not looked at for longest: it has died.
                del self._seen[min(self._seen, key=lambda one: self._seen[one].last_ns)]
            self._seen[pid] = _Seen(due_ns, self._waited(pid), now_ns, now_ns)
            return 0
        since_look_ns, seen.last_ns = now_ns - seen.last_ns, now_ns
        # Of the time before a belated first look nothing is known: this process starved as well.
        due_ns = max(due_ns, seen.first_ns + WATCHED_NS)
        if now_ns < due_ns:
            return 0
        # What was taken for waiting may turn out to have been running.
        starved = max(0, self._waited(pid) - seen.waited_ns)
        if starved:  # and a wait that began after the last look is in no account yet
            starved += since_look_ns
        late_ns = max(0, now_ns - due_ns - min(starved, LONGEST_EXCUSE_NS))
        if now_ns > due_ns and not late_ns and not seen.excused:
            seen.excused = True
            self.excused += 1
        return late_ns

    def _waited(self, pid: int) -> int:
        return self._run_delay(pid) + self._stolen()
