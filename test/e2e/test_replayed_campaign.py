# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a sampling campaign said of a fault is what happens when the injector node replays it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from restage_msgs.msg import FaultEvent

from restage.demo.golden import as_array
from restage.detector.heldout import as_truth
from restage.detector.weights import load_network
from restage.nodes.messages import detections_message, header_of
from restage.nodes.stamps import to_ns
from restage.sampling.detector_subject import subject_of
from restage.sampling.engine import Engine
from restage.sampling.scenario_file import EVERY_S, FIRST_S, write_scenario
from restage.sampling.space import Fault, FaultSpace
from restage.sampling.subject import Subject
from restage.scene import RoadScene
from restage.stages.model import State

from .live import PATIENCE_S, SEED, running

pytestmark = pytest.mark.e2e

# Tensor, element, bit, and what becomes of it when nobody looks at checksums and ranges.
FAULTS = (
    ('backbone.3.1.first.conv.weight', 51347, 0, 'masked'),  # of 1.7e-8 the last bit
    ('head.out.bias', 0, 30, 'sdc'),
    ('head.tower.conv.weight', 8, 27, 'sdc'),
    ('backbone.2.1.first.conv.weight', 32088, 25, 'sdc'),
    ('neck.low.conv.weight', 840, 30, 'detected'),  # infinite behind the neck
)
BLIND = {'weight_check_ms': 0.0, 'calibration': 'off', 'plausibility': False}


def test_live_faults_of_a_campaign_hit_the_same_bits_and_end_the_same(tmp_path: Path) -> None:
    torch.set_num_threads(1)  # as the nodes have
    path = tmp_path / 'sampled.yaml'
    engine = Engine(campaign([0]))
    faults = [number_of(engine.space, tensor, element, bit) for tensor, element, bit, _ in FAULTS]
    write_scenario(path, engine.subject, engine.space, faults, 'sampled')
    ids = [f'sampled/{number}' for number in range(1, len(FAULTS) + 1)]

    detectors = dict.fromkeys(('detection_a', 'detection_b'), BLIND)
    with running(tmp_path, detectors, scenario=str(path)) as live:
        seen = live.session.observer.seen
        patience = PATIENCE_S + FIRST_S + EVERY_S * len(FAULTS)
        assert live.session.observer.wait_for(
            lambda seen: set(ids) <= {e.id for e in seen.faults if e.state == FaultEvent.FIRED},
            patience,
        ), [(event.id, event.state, event.detail) for event in seen.faults]
        live.wait_for_more(5)
        live.injection.recovery_of(ids[-1])  # told once what waited meanwhile is out
        live.assert_once_in_order()
        fired = {event.id: event for event in seen.faults if event.state == FaultEvent.FIRED}
        recovered = {event.fault_id: event for event in seen.recoveries}
        out = {stamp: as_array(message) for stamp, _, message in list(seen.detections)}
        indices = {stamp: record.index for stamp, record in live.records().items()}

    stamps = [to_ns(fired[one].frame) for one in ids]
    engine = Engine(campaign([indices[stamp] for stamp in stamps]))
    for position, (one, stamp, number) in enumerate(zip(ids, stamps, faults, strict=True)):
        tensor, element, bit, outcome = FAULTS[position]
        old, new = said_by(engine, engine.space.fault(number))
        assert fired[one].detail == f'{tensor}[{element}] bit {bit}: {old:.9g} -> {new:.9g}'
        clean = wire(engine.states[position][-1])
        said = wire(run(engine, engine.space.fault(number))[position])
        assert np.array_equal(said, clean) == (outcome == 'masked'), one
        if outcome == 'detected':
            # The campaign looks at detections only; the node sees the infinity on their way, and
            # after an error it looks at the checksums.
            event = recovered[one]
            assert (event.detector, event.tier) == ('weight_checksum', 'reload_weights')
            said = clean
        else:
            assert one not in recovered
        np.testing.assert_array_equal(out[stamp], said, err_msg=one)
    assert len(recovered) == 1


def campaign(frames: Sequence[int]) -> Subject:
    """Return what a campaign injects into, with these frames of the live camera's scene."""
    scene = RoadScene(SEED)
    shown = [scene.frame(index) for index in frames]
    return subject_of(
        load_network(),
        [
            (torch.from_numpy(np.ascontiguousarray(one.image)), as_truth(one.objects))
            for one in shown
        ],
    )


def number_of(space: FaultSpace, tensor: str, element: int, bit: int) -> int:
    """Return the number of a fault."""
    site = [one.tensor for one in space.sites].index(tensor)
    (place,) = np.flatnonzero((space.site == site) & (space.index == element))
    return int(place) * space.positions + bit


def said_by(engine: Engine, fault: Fault) -> tuple[float, float]:
    """Return the value of the weight without and with the fault, as the campaign has it."""
    site = engine.space.sites[fault.site]
    old = engine.subject.weights[site.tensor].reshape(-1)[fault.element : fault.element + 1].numpy()
    raw = engine.space.storage.encode(old, site.scale)
    new = engine.space.storage.decode(engine.space.model.apply(raw, fault.bit), site.scale)
    return float(old[0]), float(new[0])


def run(engine: Engine, fault: Fault) -> list[State]:
    """Return what the campaign gets of each frame with ``fault``."""
    found = [states[-1] for states in engine.states]

    def keep(outputs: Sequence[State]) -> dict[str, float]:
        found[:] = outputs
        return {}

    subject = engine.subject
    engine.subject = replace(subject, judge=keep)
    engine.run(fault)
    engine.subject = subject
    return found


def wire(state: State) -> np.ndarray:
    """Return detections as they are after they were a message."""
    return as_array(detections_message(header_of(0, ''), state['detections']))
