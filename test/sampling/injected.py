# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What comes out under one fault: with a node's injector, and in a campaign."""

from __future__ import annotations

from restage.faults.command import Fault
from restage.faults.enums import FaultState
from restage.faults.injector import FaultInjector
from restage.faults.record import FaultRecord
from restage.sampling.engine import Engine
from restage.stages.model import StagedModel, State
from restage.stages.runner import StageRunner


def in_a_node(model: StagedModel, fault: Fault, inputs: State) -> State:
    """Return all tensors of a frame in which the injector of a node fires ``fault``."""
    records: list[FaultRecord] = []
    injector = FaultInjector(model, records.append)
    injector.arm(fault)
    injector.begin_frame(1)
    state = StageRunner(model, hook=injector).run_all(inputs['image'])
    injector.end_frame()
    assert FaultState.FIRED in {record.state for record in records}
    return state


def in_a_campaign(engine: Engine, number: int) -> State:
    """Return what the judge of a campaign gets to see of the first picture under a fault."""
    seen: list[State] = []
    subject = engine.subject
    judge = subject.judge
    object.__setattr__(subject, 'judge', lambda outputs: seen.extend(outputs) or judge(outputs))
    try:
        engine.run(engine.space.fault(number))
    finally:
        object.__setattr__(subject, 'judge', judge)
    return seen[0]
