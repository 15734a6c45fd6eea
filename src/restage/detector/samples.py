# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Training samples: frames of many scenes, rendered in parallel into a file of uint8."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from restage.detector.network import INPUT_SIZE
from restage.scene import WEATHERS, RoadScene, SceneObject

PER_SCENE = 20
MAX_OBJECTS = 48
TRAINING_SEEDS = 2_000_000  # training scenes count up from here, held-out ones never reach it


@dataclass(frozen=True, kw_only=True)
class Samples:
    """
    Rendered training data.

    ``images``: uint8 N x H x W x 3 (BGR), kept in a file; ``truth``: float32
    N x MAX_OBJECTS x 6 (x1, y1, x2, y2 in pixels, class id or -1 for none, ignore flag).
    """

    images: npt.NDArray[np.uint8]
    truth: npt.NDArray[np.float32]


def pack_objects(objects: tuple[SceneObject, ...]) -> npt.NDArray[np.float32]:
    """Return ground truth as MAX_OBJECTS x 6 rows, class id -1 where there is none."""
    rows = np.full((MAX_OBJECTS, 6), -1.0, np.float32)
    for row, item in zip(rows, objects, strict=False):
        row[:] = (*item.box, item.class_id, item.ignore)
    return rows


def _render_scene(
    path: str, frames: int, first: int, count: int, seed: int
) -> tuple[int, npt.NDArray[np.float32]]:
    cv2.setNumThreads(1)
    width, height = INPUT_SIZE
    images = np.memmap(path, np.uint8, 'r+', shape=(frames, height, width, 3))
    scene = RoadScene(seed, width, height, weather=WEATHERS[seed % len(WEATHERS)])
    moments = np.random.default_rng([seed, 99]).integers(0, 60_000, count).tolist()
    truth = np.empty((count, MAX_OBJECTS, 6), np.float32)
    for offset, moment in enumerate(moments):
        frame = scene.frame(moment)
        images[first + offset] = frame.image
        truth[offset] = pack_objects(frame.objects)
    return first, truth


def render_samples(
    folder: Path, frames: int, seed: int, workers: int, done: Callable[[int], None]
) -> Samples:
    """
    Render ``frames`` training frames into ``folder``; scene seeds derive from ``seed``.

    ``done`` is told how many frames each finished scene added.
    """
    width, height = INPUT_SIZE
    path = folder / 'frames.u8'
    shape = (frames, height, width, 3)
    np.memmap(path, np.uint8, 'w+', shape=shape).flush()
    truth = np.full((frames, MAX_OBJECTS, 6), -1.0, np.float32)
    base = TRAINING_SEEDS + seed * 100_000
    with ProcessPoolExecutor(workers, mp_context=get_context('spawn')) as pool:
        jobs = [
            pool.submit(
                _render_scene,
                str(path),
                frames,
                first,
                min(PER_SCENE, frames - first),
                base + first // PER_SCENE,
            )
            for first in range(0, frames, PER_SCENE)
        ]
        for job in as_completed(jobs):
            first, rows = job.result()
            truth[first : first + len(rows)] = rows
            done(len(rows))
    return Samples(images=np.memmap(path, np.uint8, 'r', shape=shape), truth=truth)
