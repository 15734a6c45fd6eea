# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A model with every error detector, in which single faults are injected stage by stage."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from restage.coverage.errors import CoverageError
from restage.coverage.frames import CampaignFrame
from restage.coverage.outcome import compare, outcome_of
from restage.coverage.trial import CleanFrame, FaultTrial, Rows
from restage.cutting.verify import same_bits
from restage.detect.detector import ErrorDetector
from restage.detector.evaluate import Truth
from restage.faults.command import Fault
from restage.faults.enums import FaultState
from restage.faults.injector import FaultInjector
from restage.faults.record import FaultRecord
from restage.stages.model import StagedModel, State
from restage.weights.guard import WeightGuard

EXCEPTION = 'exception'


class Rig:
    """
    Runs a clean frame once and keeps the state in front of every stage.

    A fault in stage k is then run from stage k on: what lies before is the same. Nothing is
    recovered; every detector is asked behind every stage, whatever another one has said.
    """

    def __init__(
        self, model: StagedModel, detectors: Sequence[ErrorDetector], guard: WeightGuard
    ) -> None:
        """Inject into ``model``, whose weights ``guard`` watches."""
        self._model = model
        self._detectors = detectors
        self._guard = guard
        self._records: list[FaultRecord] = []
        self._injector = FaultInjector(model, self._records.append)
        self._states: list[State] = []
        self._frame: CampaignFrame | None = None

    def clean(self, frame: CampaignFrame) -> CleanFrame:
        """Run ``frame`` without a fault; the next faults are injected into it."""
        self._frame = frame
        state: State = {'image': frame.image}
        self._states = [state]
        alarms: dict[str, str] = {}
        for detector in self._detectors:
            detector.begin(frame.stamp_ns)
        for stage in self._model.stages:
            inputs = {name: state[name] for name in stage.inputs}
            with torch.inference_mode():
                outputs = stage.run(inputs)
            for detector in self._detectors:
                found = detector.check(stage, inputs, outputs)
                if found is not None:
                    alarms.setdefault(found.detector or detector.name, found.message)
            state = {**state, **outputs}
            self._states.append(state)
        return CleanFrame(
            sequence=frame.sequence,
            frame=frame.number,
            alarms=alarms,
            detections=state['detections'].tolist(),
            truth=None if frame.truth is None else _truth_rows(frame.truth),
        )

    def end(self) -> None:
        """Have the detectors learn what the clean run of the frame put out."""
        for detector in self._detectors:
            detector.published(self._states[-1]['detections'])

    def inject(self, fault: Fault) -> FaultTrial | None:
        """
        Run the frame with ``fault``; None if it did not fire.

        :raises CoverageError: when something of the fault is left afterwards.
        """
        assert self._frame is not None
        self._records.clear()
        self._injector.arm(fault)
        first = self._model.index(self._records[0].stage)
        self._injector.begin_frame(self._frame.stamp_ns)
        run = _Run(self._states[first], {}, {})
        for index in range(first, len(self._model.stages)):
            if not self._step(index, run):
                break
        changed = run.changed or self._guard.check_all() is not None
        self._injector.end_frame()
        self._injector.clear_all()
        self._guard.reload()
        if self._guard.check_all() is not None:
            raise CoverageError(f'{fault.kind}: the weights are not as they were before the fault')
        fired = self._fired()
        if fired is None:
            return None
        faulty = None if run.raised else rows_of(run.state)
        clean = rows_of(self._states[-1])
        outcome = outcome_of(clean, faulty)
        found = compare(clean, np.zeros((0, 6)) if faulty is None else faulty)
        return FaultTrial(
            number=int(fault.id),
            sequence=self._frame.sequence,
            frame=self._frame.number,
            kind=fault.kind,
            persistence=fault.persistence.name.lower(),
            stage=fired.stage,
            detail=fired.detail,
            changed=changed,
            outcome=outcome.value,
            lost=found.lost,
            ghosts=found.ghosts,
            alarms=run.alarms,
            seen_in=run.seen_in,
            detections=faulty.tolist()
            if faulty is not None and not np.array_equal(faulty, clean)
            else None,
        )

    def _fired(self) -> FaultRecord | None:
        return next((one for one in self._records if one.state is FaultState.FIRED), None)

    def _step(self, index: int, run: _Run) -> bool:
        """Run one stage and ask the detectors; return whether it came back."""
        stage = self._model.stages[index]
        inputs = {name: run.state[name] for name in stage.inputs}
        try:
            given = self._injector.before(stage, inputs)
            with self._injector.during(stage), torch.inference_mode():
                outputs = stage.run(given)
            self._injector.after(stage, outputs)
        except Exception:
            run.raised = run.changed = True
            self._alarm(run, EXCEPTION, stage.name)
            return False
        if index == self._model.index(self._records[0].stage):
            run.changed = any(
                not same_bits(tensor, self._states[index + 1][name])
                for name, tensor in outputs.items()
            )
        run.state = {**run.state, **outputs}
        for detector in self._detectors:
            found = detector.check(stage, given, outputs)
            if found is not None:
                self._alarm(run, found.detector or detector.name, stage.name)
        return True

    def _alarm(self, run: _Run, detector: str, stage: str) -> None:
        if detector in run.alarms:
            return
        fired = self._fired()
        since = fired.monotonic_ns if fired is not None else time.monotonic_ns()
        run.alarms[detector] = round((time.monotonic_ns() - since) / 1e3, 1)
        run.seen_in[detector] = stage


class _Run:
    """A run with a fault."""

    def __init__(self, state: State, alarms: dict[str, float], seen_in: dict[str, str]) -> None:
        self.state = state
        self.alarms = alarms
        self.seen_in = seen_in
        self.changed = False
        self.raised = False


def _truth_rows(truth: Truth) -> Rows:
    columns = (truth.boxes, truth.classes[:, None], truth.ignore[:, None])
    rows: Rows = np.concatenate([column.astype(np.float64) for column in columns], 1).tolist()
    return rows


def rows_of(state: State) -> NDArray[np.float64]:
    """Return the detections of a state, N x 6."""
    return np.asarray(state['detections'].numpy(), np.float64)
