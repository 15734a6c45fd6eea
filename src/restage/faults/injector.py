# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The engine inside the detection node that makes armed faults happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial

import torch

from restage.faults.armed import ArmedFault, first_of_each
from restage.faults.armoury import Armoury
from restage.faults.command import Fault
from restage.faults.effects import EFFECTS
from restage.faults.effects.shot import NotThisTimeError, Shot
from restage.faults.enums import FaultState, Persistence, When
from restage.faults.errors import FaultError
from restage.faults.record import FaultRecord
from restage.faults.stages import stage_for
from restage.faults.stopwatch import Stopwatch
from restage.stages.model import Stage, StagedModel


class FaultInjector:
    """
    Injects armed faults around the stages of one model.

    ``arm``, ``clear`` and ``clear_all`` may be called from any thread; the hook
    (``begin_frame``, ``end_frame``, ``replace_model``, ``before``, ``during``, ``after``) belongs
    to the inference thread.

    :param on_event: Called with every change of state: from the thread that arms or clears,
        from the inference thread, and for faults in the middle of a stage from a helper
        thread. It must not return before the record of a firing that may end or stop the
        process or hold the thread has left the process. It must not raise.
    """

    def __init__(self, model: StagedModel, on_event: Callable[[FaultRecord], None]) -> None:
        self._model = model
        self._armoury = Armoury(on_event)
        self._stamp_ns = 0
        self._undo: list[Callable[[], None]] = []
        self._watches = {stage.name: Stopwatch() for stage in model.stages}

    @property
    def armed(self) -> tuple[Fault, ...]:
        """Return the faults that are armed, oldest first."""
        return tuple(armed.fault for armed in self._armoury.armed)

    def arm(self, fault: Fault) -> None:
        """
        Arm a fault; it may fire from the next frame on.

        :raises FaultError: on an unknown stage or output, or an id that was used before.
        """
        stage = stage_for(fault, self._model).name
        self._armoury.arm(ArmedFault(fault, stage), f'waits for stage {stage}')

    def clear(self, fault_id: str) -> bool:
        """Clear one fault; return whether it was armed."""
        return self._armoury.clear(fault_id)

    def clear_all(self) -> bool:
        """Clear every fault; return whether any was armed."""
        return self._armoury.clear('')

    def begin_frame(self, stamp_ns: int) -> None:
        """Begin, or take up again, the frame with the header stamp ``stamp_ns``."""
        self._stamp_ns = stamp_ns
        self._armoury.begin_frame(stamp_ns)

    def end_frame(self) -> None:
        """Leave no trace of what was to last for one frame."""
        while self._undo:
            self._undo.pop()()

    def replace_model(self, model: StagedModel) -> None:
        """Act on ``model``, the same one loaded anew, from now on; what is armed stays armed."""
        self._model = model

    def before(
        self, stage: Stage, inputs: Mapping[str, torch.Tensor]
    ) -> Mapping[str, torch.Tensor]:
        """Return the inputs for this call: the given ones unless a fault replaces one."""
        if not self._armoury.armed:
            return inputs
        for armed in self._due(stage, When.BEFORE):
            shot = self._shot(armed, stage)
            shot.inputs = inputs
            self._fire(armed, shot)
            inputs = shot.inputs
        return inputs

    def during(self, stage: Stage) -> AbstractContextManager[None]:
        """Return what to compute the stage in; it also measures the undisturbed stage."""
        if self._armoury.armed:
            due = self._due(stage, When.DURING)
            if due:
                return self._disturb(due, stage)
        return self._watches[stage.name]

    def after(self, stage: Stage, outputs: dict[str, torch.Tensor]) -> None:
        """Let faults corrupt ``outputs`` in place."""
        if not self._armoury.armed:
            return
        for armed in self._due(stage, When.AFTER):
            shot = self._shot(armed, stage)
            shot.outputs = outputs
            self._fire(armed, shot)

    def _due(self, stage: Stage, when: When) -> list[ArmedFault]:
        return first_of_each(
            armed
            for armed in self._armoury.armed
            if armed.active and armed.stage == stage.name and armed.fault.when is when
        )

    @contextmanager
    def _disturb(self, due: list[ArmedFault], stage: Stage) -> Iterator[None]:
        with ExitStack() as stack:
            for armed in due:
                shot = self._shot(armed, stage)
                self._fire(armed, shot)
                for leave in reversed(shot.leave):
                    stack.callback(leave)
            yield

    def _shot(self, armed: ArmedFault, stage: Stage) -> Shot:
        stamp_ns = self._stamp_ns

        def report(detail: str, monotonic_ns: int) -> None:
            armed.fired()
            self._armoury.emit(armed, FaultState.FIRED, detail, stamp_ns, monotonic_ns)

        return Shot(
            fault=armed.fault,
            stage=stage,
            rng=armed.rng(),
            report=report,
            weights=self._model.weights,
            memory=armed.memory,
            undo=self._undo,
            last_duration_ns=self._watches[stage.name].last_ns,
        )

    def _fire(self, armed: ArmedFault, shot: Shot) -> None:
        if armed.kind.deadly:
            self._armoury.remove(armed)
        try:
            EFFECTS[armed.fault.kind](shot)
        except NotThisTimeError:
            return
        except FaultError as error:
            self._armoury.remove(armed)
            self._armoury.emit(armed, FaultState.REJECTED, str(error), self._stamp_ns)
            return
        if armed.fault.persistence is Persistence.TRANSIENT and self._armoury.remove(armed):
            over = partial(
                self._armoury.emit, armed, FaultState.CLEARED, 'fired once', self._stamp_ns
            )
            if shot.leave:
                shot.leave.append(over)
            else:
                over()
