# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The place around a stage where a fault injector sits."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import torch

from restage.stages.model import Stage, StagedModel


class StageHook(Protocol):
    """Called by the runner, in the inference thread, around every stage."""

    def begin_frame(self, stamp_ns: int) -> None:
        """Work on a frame starts (once a frame, not once a try)."""

    def end_frame(self) -> None:
        """Work on the frame ends, published or not."""

    def replace_model(self, model: StagedModel) -> None:
        """Work with ``model``, the same one loaded anew, from now on."""

    def before(
        self, stage: Stage, inputs: Mapping[str, torch.Tensor]
    ) -> Mapping[str, torch.Tensor]:
        """Return the inputs the stage is to get."""

    def during(self, stage: Stage) -> AbstractContextManager[None]:
        """Return a context around the stage's computation."""

    def after(self, stage: Stage, outputs: dict[str, torch.Tensor]) -> None:
        """See, and perhaps change in place, what the stage produced."""


class NoHook:
    """The hook of a node that allows no fault injection."""

    def begin_frame(self, stamp_ns: int) -> None:
        """Do nothing."""

    def end_frame(self) -> None:
        """Do nothing."""

    def replace_model(self, model: StagedModel) -> None:
        """Do nothing."""

    def before(
        self,
        stage: Stage,  # noqa: ARG002
        inputs: Mapping[str, torch.Tensor],
    ) -> Mapping[str, torch.Tensor]:
        """Return the inputs as they are."""
        return inputs

    def during(self, stage: Stage) -> AbstractContextManager[None]:  # noqa: ARG002
        """Return an empty context."""
        return nullcontext()

    def after(self, stage: Stage, outputs: dict[str, torch.Tensor]) -> None:
        """Do nothing."""
