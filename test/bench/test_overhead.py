# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The overhead measurement: what it runs, and that it leaves nothing behind."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from restage.bench.default_options import default_options
from restage.bench.overhead import measure
from restage.bench.overhead_rig import rig
from restage.bench.overhead_works import bare, parts, whole
from restage.bench.paired import WARM_UP, paired_ns, part
from restage.checkpoint.boundaries import valid_boundaries
from restage.checkpoint.folder import SHARED_MEMORY
from restage.checkpoint.nodefile import NodeFile
from restage.stages.frame import FrameJob
from restage.stages.model import StagedModel


def stores() -> list[str]:
    return [path.name for path in SHARED_MEMORY.glob(f'*overhead-{os.getpid()}*')]


def job(stamp_ns: int, model: StagedModel) -> FrameJob:
    width, height = model.input_size
    image = np.random.default_rng(stamp_ns).integers(0, 255, (height, width, 3), np.uint8)
    return FrameJob(stamp_ns=stamp_ns, frame_id='camera', image=image)


@pytest.mark.timeout(120)
def test_a_few_pairs() -> None:
    told: list[tuple[int, int]] = []
    frozen = gc.get_freeze_count()
    found = measure(3, 5, told=lambda done, every: told.append((done, every)))
    assert (found.pairs, found.seed) == (3, 5)
    assert found.off_us > 0 and found.on_us > 0
    assert found.ci95[0] <= found.percent <= found.ci95[1]
    assert found.percent_of_period == pytest.approx(found.added_us / 333.333, abs=0.01)
    detectors = ['range', 'finite', 'weight_checksum', 'plausibility']
    assert list(found.parts) == ['engine', 'marks', 'checkpoints', *detectors]
    assert told[-1][0] == told[-1][1] == len(told)
    assert stores() == []
    assert gc.isenabled() and gc.get_freeze_count() <= frozen


def test_nothing_stays_after_an_exception() -> None:
    def stop(_done: int, _every: int) -> None:
        assert stores()
        raise KeyboardInterrupt

    frozen = gc.get_freeze_count()
    with pytest.raises(KeyboardInterrupt):
        measure(3, 5, told=stop)
    assert stores() == []
    assert gc.isenabled() and gc.get_freeze_count() <= frozen

    with pytest.raises(ValueError, match='does not exist'):
        measure(3, 5, model='nothing.onnx')
    assert stores() == []


def test_too_few_pairs() -> None:
    with pytest.raises(ValueError, match='accepted: 1 or more'):
        measure(0, 5)


def test_both_sides_compute_the_same_and_the_whole_leaves_checkpoints(tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    with rig('bundled', root=tmp_path) as found:
        model = found.bench.model
        published: list[torch.Tensor] = []
        found.outlet.publish = (  # type: ignore[method-assign]
            lambda _stamp, detections: published.append(detections)
        )
        whole(found)(job(1, model))
        assert torch.equal(published[0], bare(model)(job(1, model)))  # type: ignore[arg-type]
        store = next(tmp_path.iterdir())
        file = NodeFile(store / 'overhead')
        names = ['image', *(stage.name for stage in model.stages)]
        valid = [names[boundary + 1] for boundary in valid_boundaries(file, file.plan(), 1)]
        assert sorted(valid) == ['backbone.1', 'backbone.3']
        works = parts(found)
        for stamp, name in enumerate(works, 2):
            works[name][0](job(stamp, model))
            made = valid_boundaries(file, file.plan(), stamp)
            assert bool(made) == (name == 'checkpoints')
            assert torch.equal(published[-1], bare(model)(job(stamp, model)))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
    assert torch.get_num_threads() == threads


def test_the_options_are_those_of_a_node_that_was_given_none() -> None:
    options = default_options()
    assert options.boundaries == ('auto',)
    assert (options.threads, options.report_every, options.plan) == (1, 0, '')


def test_the_order_alternates(tiny_model: StagedModel) -> None:
    seen: list[str] = []
    jobs = [job(stamp, tiny_model) for stamp in range(WARM_UP + 4)]
    on, off = paired_ns(lambda _: seen.append('on'), lambda _: seen.append('off'), jobs)
    assert len(on) == len(off) == 4
    assert seen[:4] == ['off', 'on', 'on', 'off']


def test_the_cost_is_the_median_difference() -> None:
    rng = np.random.default_rng(1)
    off = [int(time) for time in rng.normal(10e6, 1e5, 400)]
    noise = rng.normal(50_000, 2e4, 400)
    on = [time + int(more) for time, more in zip(off, noise, strict=True)]
    found = part(on, off, 1)
    assert found.percent == pytest.approx(0.5, abs=0.05)
    assert found.ci95[0] < 0.5 < found.ci95[1]
    assert found.added_us == pytest.approx(50, abs=4)
    assert part(on, off, 1, [20_000_000]).percent == pytest.approx(found.percent / 2, rel=0.02)
