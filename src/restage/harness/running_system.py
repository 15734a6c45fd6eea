# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Start the nodes of a system, start again those that die, and end them all."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from restage.harness.dds_leftovers import remove_unused, segments_of
from restage.harness.ending import end_all
from restage.harness.environment import node_environment
from restage.harness.process import NodeProcess
from restage.system import NodeSpec

PERIOD_S = 0.05


class RunningSystem:
    """
    The nodes of ``specs`` as processes, in ROS domain ``domain``.

    A context manager: nothing that was started, and nothing it left in /dev/shm, is there after
    its end. Nodes with ``respawn`` come back after they die, as under ``ros2 launch``.
    """

    def __init__(self, specs: Sequence[NodeSpec], *, domain: int, log_folder: Path) -> None:
        """Describe; ``__enter__`` starts."""
        self.domain = domain
        self.log_folder = log_folder
        self.exits: list[tuple[str, int]] = []
        self.nodes: dict[str, NodeProcess] = {}
        self._specs = tuple(specs)
        self._segments: set[str] = set()
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name='respawn', daemon=True)

    def __enter__(self) -> RunningSystem:
        """Start every node."""
        self.log_folder.mkdir(parents=True, exist_ok=True)
        try:
            for spec in self._specs:
                self.start(spec)
            self._keeper.start()
        except BaseException:  # nobody calls __exit__ then
            self._end()
            raise
        return self

    def start(self, spec: NodeSpec) -> None:
        """Start one more node."""
        log = self.log_folder / f'{spec.name}.log'
        log.unlink(missing_ok=True)
        environment = node_environment(self.domain, self.log_folder / 'ros')
        self.nodes[spec.name] = NodeProcess(spec, environment, log)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End every node."""
        self._end()

    def _end(self) -> None:
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join()
        self._collect_segments()
        living = [node for node in self.nodes.values() if node.ended() is None]
        end_all(node.process for node in living)
        self.exits += [(node.spec.name, node.process.returncode) for node in living]
        remove_unused(self._segments)

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Send a signal to a node; return the pid it went to."""
        pid = self.nodes[name].pid
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        return pid

    def _keep(self) -> None:
        ticks = 0
        down: set[str] = set()
        while not self._stopping.wait(PERIOD_S):
            if ticks % 20 == 0:
                self._collect_segments()
            ticks += 1
            for node in list(self.nodes.values()):
                status = node.ended()
                if status is None or not node.spec.respawn:
                    continue
                if node.spec.name not in down:
                    self.exits.append((node.spec.name, status))
                down.add(node.spec.name)
                # Without memory, descriptors or room for its log there may be some the next time.
                with contextlib.suppress(OSError):
                    node.restart()
                    down.remove(node.spec.name)

    def _collect_segments(self) -> None:
        for node in list(self.nodes.values()):
            self._segments |= segments_of(node.pid)
