# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch

from restage.stages.hook import NoHook
from restage.stages.model import StagedModel


def test_no_hook_changes_neither_inputs_nor_outputs(tiny_model: StagedModel) -> None:
    hook, stage = NoHook(), tiny_model.stages[0]
    inputs = {'image': torch.zeros(1)}
    outputs = {'x': torch.ones(1)}
    hook.begin_frame(1)
    assert hook.before(stage, inputs) is inputs
    with hook.during(stage) as nothing:
        assert nothing is None
    hook.after(stage, outputs)
    hook.end_frame()
    hook.replace_model(tiny_model)
    assert hook.before(stage, inputs) is inputs
    assert torch.equal(outputs['x'], torch.ones(1))
