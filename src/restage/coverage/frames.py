# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The frames of a campaign: sequences in which time goes on as it does on a road."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
import torch

from restage.camera.source import open_source
from restage.detector.evaluate import Truth
from restage.detector.heldout import as_truth
from restage.scene import WEATHERS, RoadScene

ROAD = 'road'
RATE_HZ = 30.0
# Sequences of the road have seeds from here on, in steps of one: nothing else does.
CAMPAIGN_SEEDS = 6_000_000
CALIBRATION_SEEDS = 5_000_000
SEQUENCE = 250  # frames


@dataclass(frozen=True, kw_only=True)
class CampaignFrame:
    """
    One frame: ``image`` uint8 H x W x 3 (BGR); ``stamp_ns`` counts from 0 in each ``sequence``.

    ``truth``: what there is to detect, where that is known.
    """

    sequence: str
    number: int
    stamp_ns: int
    image: torch.Tensor
    truth: Truth | None = None


@dataclass(frozen=True, kw_only=True)
class FrameSequence:
    """A sequence by its name; ``frames()`` gives its frames anew each time, ``count`` at most."""

    name: str
    count: int
    frames: Callable[[], Iterator[CampaignFrame]]


def sequences(source: str, count: int, first_seed: int = CAMPAIGN_SEEDS) -> list[FrameSequence]:
    """
    Return sequences of ``count`` frames in all of ``source``.

    :param source: ``road`` (in every weather), or what a camera can play; that may have fewer.
    """
    if source != ROAD:
        count = sum(1 for _ in _played(source, count))
        return [FrameSequence(name=source, count=count, frames=partial(_played, source, count))]
    found = []
    for start in range(0, count, SEQUENCE):
        number = start // SEQUENCE
        seed, weather = first_seed + number, WEATHERS[number % len(WEATHERS)]
        length = min(SEQUENCE, count - start)
        name = f'{ROAD}:{weather}:{seed}'
        frames = partial(_road, name, seed, weather, length)
        found.append(FrameSequence(name=name, count=length, frames=frames))
    return found


def _road(name: str, seed: int, weather: str, count: int) -> Iterator[CampaignFrame]:
    scene = RoadScene(seed, weather=weather)
    for number in range(count):
        frame = scene.frame(number)
        yield CampaignFrame(
            sequence=name,
            number=number,
            stamp_ns=stamp_of(number),
            image=torch.from_numpy(np.ascontiguousarray(frame.image)),
            truth=as_truth(frame.objects),
        )


def _played(source: str, count: int) -> Iterator[CampaignFrame]:
    opened = open_source(source, seed=0, width=640, height=384)
    with closing(opened.frames()) as frames:
        for number, frame in enumerate(islice(frames, count)):
            yield CampaignFrame(
                sequence=source,
                number=number,
                stamp_ns=stamp_of(number),
                image=torch.from_numpy(np.ascontiguousarray(frame.image)),
            )


def stamp_of(number: int) -> int:
    """Return the stamp of a frame of a sequence, ns; none is 0."""
    return round((number + 1) * 1e9 / RATE_HZ)
