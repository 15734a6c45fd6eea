# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The system with a model in ONNX Runtime: the same faults, the same recoveries, the same bits."""

from __future__ import annotations

from pathlib import Path

import pytest

from restage.detector.export import export

from .live import running

pytestmark = pytest.mark.e2e


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp('model') / 'roadnet.onnx')[0]


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
