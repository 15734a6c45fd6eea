# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import torch

from restage.detector.batches import augment
from restage.detector.samples import MAX_OBJECTS, Samples, pack_objects
from restage.detector.training import Recipe, train
from restage.scene import RoadScene


@pytest.fixture(scope='module')
def samples():
    frames = [RoadScene(3_000_000, weather='day').frame(index * 50) for index in range(4)]
    return Samples(
        images=np.stack([frame.image for frame in frames]),
        truth=np.stack([pack_objects(frame.objects) for frame in frames]),
    )


def test_training_learns(samples):
    losses = []
    recipe = Recipe(seed=1, epochs=3, batch=2)
    network = train(samples, recipe, lambda _, __, score, box: losses.append(score + box))
    assert len(losses) == 6
    assert losses[-1] < losses[0]
    assert not network.training


def test_training_is_seeded(samples):
    few = Samples(images=samples.images[:2], truth=samples.truth[:2])
    recipe = Recipe(seed=1, epochs=1, batch=1)
    first, second = (train(few, recipe, lambda *_: None).head.out.weight for _ in range(2))
    assert torch.equal(first, second)


def test_packing(samples):
    assert samples.truth.shape == (4, MAX_OBJECTS, 6)
    assert (samples.truth[:, -1, 4] == -1).all()


def test_mirroring_moves_the_boxes():
    image = torch.zeros(384, 640, 3)
    rows = torch.tensor([[10.0, 20, 30, 40, 0, 0]])
    mirrored = [augment(image, rows, np.random.default_rng(seed))[1] for seed in range(12)]
    assert {tuple(item[0, :4].tolist()) for item in mirrored} == {
        (10.0, 20.0, 30.0, 40.0),
        (610.0, 20.0, 630.0, 40.0),
    }


def test_bad_recipe():
    with pytest.raises(ValueError, match='positive'):
        Recipe(seed=1, epochs=0)
