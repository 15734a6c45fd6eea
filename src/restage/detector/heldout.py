# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The held-out sequences: scenes whose seeds are never trained on, in every weather."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from restage.detector.evaluate import Floats, Truth, match_frame, mean_average_precision
from restage.scene import CLASSES, WEATHERS, RoadScene, SceneObject
from restage.stages.model import StagedModel

HELD_OUT_SEEDS = 1_000_000  # upwards; training seeds start at 2 000 000
SCENES = 3  # per weather
FRAMES = 30  # per scene
STEP = 17  # frames of 1/30 s between evaluated ones


@dataclass(frozen=True, kw_only=True)
class Report:
    """Measured quality; AP values are 0 to 1 (NaN where a class does not occur)."""

    frames: int
    mean: float
    per_class: dict[str, float]
    per_weather: dict[str, float]
    precision: float
    recall: float
    threshold: float


def as_truth(objects: tuple[SceneObject, ...]) -> Truth:
    """Turn scene objects into evaluation arrays."""
    return Truth(
        boxes=np.array([item.box for item in objects], float).reshape(-1, 4),
        classes=np.array([item.class_id for item in objects], np.int64),
        ignore=np.array([item.ignore for item in objects], bool),
    )


def held_out_frames(
    scenes: int = SCENES, frames: int = FRAMES
) -> Iterator[tuple[str, torch.Tensor, Truth]]:
    """Yield weather, picture (uint8 H x W x 3) and ground truth of every held-out frame."""
    for index, weather in enumerate(WEATHERS):
        for number in range(scenes):
            scene = RoadScene(HELD_OUT_SEEDS + index * 1000 + number, weather=weather)
            for step in range(frames):
                frame = scene.frame(step * STEP)
                yield weather, torch.from_numpy(frame.image), as_truth(frame.objects)


def detect(model: StagedModel, image: torch.Tensor) -> Floats:
    """Run all stages on a picture; return detections as float64 N x 6."""
    state = {'image': image}
    for stage in model.stages:
        state.update(stage.run(state))
    return np.asarray(state['detections'].numpy(), dtype=np.float64)


def operating_point(detections: list[Floats], truths: list[Truth]) -> tuple[float, float, float]:
    """Return the score threshold with the best F1, and precision and recall there."""
    scores, hits = [], []
    for found, truth in zip(detections, truths, strict=True):
        for class_id in range(len(CLASSES)):
            part = match_frame(found, truth, class_id)
            scores.append(part[0])
            hits.append(part[1])
    score, hit = np.concatenate(scores), np.concatenate(hits)
    total = sum(int(np.sum(~truth.ignore)) for truth in truths)
    best = (0.0, 0.0, 0.0, 0.0)
    for threshold in np.arange(0.1, 0.75, 0.05).tolist():
        right = float(np.sum(hit[score > threshold]))
        claimed = max(float(np.sum(score > threshold)), 1.0)
        precision, recall = right / claimed, right / max(total, 1)
        best = max(best, (2 * right / (claimed + max(total, 1)), threshold, precision, recall))
    return best[1], best[2], best[3]


def evaluate_held_out(
    model: StagedModel, told: Callable[[int], None], scenes: int = SCENES, frames: int = FRAMES
) -> Report:
    """Measure ``model`` (built with a low score threshold) on the held-out sequences."""
    weathers: list[str] = []
    detections: list[Floats] = []
    truths: list[Truth] = []
    for weather, image, truth in held_out_frames(scenes, frames):
        weathers.append(weather)
        detections.append(detect(model, image))
        truths.append(truth)
        told(len(weathers))
    mean, each = mean_average_precision(detections, truths, len(CLASSES))
    per_weather = {}
    for name in WEATHERS:
        chosen = [index for index, weather in enumerate(weathers) if weather == name]
        per_weather[name], _ = mean_average_precision(
            [detections[i] for i in chosen], [truths[i] for i in chosen], len(CLASSES)
        )
    threshold, precision, recall = operating_point(detections, truths)
    return Report(
        frames=len(weathers),
        mean=mean,
        per_class=dict(zip(CLASSES, each, strict=True)),
        per_weather=per_weather,
        precision=precision,
        recall=recall,
        threshold=threshold,
    )
