# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The system with models of others: the same faults, the same recoveries, the same bits."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from restage.detector.export import export
from restage.detector.weights import load_network
from restage.torch_backend.program import export as export_program

from .live import running

pytestmark = pytest.mark.e2e


@pytest.fixture(params=['onnx', 'pt2'])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The bundled network as a file that ONNX Runtime or PyTorch runs."""
    path, described = export(tmp_path / 'roadnet.onnx')
    if request.param == 'onnx':
        return path
    program = export_program(load_network(None), torch.zeros(1, 3, 384, 640))
    torch.export.save(program, tmp_path / 'roadnet.pt2')
    text = described.read_text().replace('roadnet.onnx', 'roadnet.pt2')
    described.write_text(text)
    return described


def test_soft_faults_weights_and_a_death_lose_no_frame_and_change_no_bit(model, tmp_path) -> None:
    with running(tmp_path, {}, model=str(model)) as live:
        first = live.stamps_out()[0]
        for kind, stage, tier in (
            ('nn.neuron.nan', 'part.5', 'retry_stage'),
            ('nn.stage.exception', 'part.2', 'retry_stage'),
            ('nn.weight.bit_flip', 'part.1', 'reload_weights'),
            ('proc.kill', 'part.4', 'failover'),
        ):
            event = live.injection.recovery_of(live.injection.inject(kind, stage))
            assert (event.tier, event.fault_kind) == (tier, kind)
            live.assert_recovered(event)
        live.assert_undisturbed(first)
        assert len(live.session.system.exits) == 1
