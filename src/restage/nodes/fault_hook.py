# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From a node's fault port to the stages of its model."""

from __future__ import annotations

from restage.faults.injector import FaultInjector
from restage.nodes.fault_port import FaultPort
from restage.stages.hook import NoHook, StageHook
from restage.stages.model import StagedModel


def fault_hook(port: FaultPort, model: StagedModel) -> StageHook:
    """Return the hook for the runner of ``model``; one that does nothing unless allowed."""
    if not port.allowed:
        return NoHook()
    injector = FaultInjector(model, port.tell)
    port.injector = injector
    return injector
