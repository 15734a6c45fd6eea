# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A RoadNet (the bundled detector, or other weights for it) as the subject of a campaign."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from restage.coverage.outcome import compare
from restage.detector.evaluate import Floats, Truth, average_precision, match_frame
from restage.detector.heldout import held_out_frames
from restage.detector.network import RoadNet
from restage.detector.staged import staged
from restage.detector.weights import load_network
from restage.sampling.subject import Subject
from restage.scene import CLASSES, WEATHERS
from restage.stages.model import State

Matches = list[tuple[Floats, NDArray[np.bool_]]]


def detector_subject(weights: Path | None, frames: int) -> Subject:
    """
    Return the detector with about ``frames`` held-out frames, as many of every weather.

    :raises ModelError: when the weights file cannot be used.
    """
    return subject_of(load_network(weights), held_out(frames))


def held_out(frames: int) -> Iterable[tuple[torch.Tensor, Truth]]:
    """Return about ``frames`` held-out frames, as many of every weather, with ground truth."""
    each = max(1, frames // len(WEATHERS))
    return ((image, truth) for _, image, truth in held_out_frames(scenes=1, frames=each))


def subject_of(network: RoadNet, frames: Iterable[tuple[torch.Tensor, Truth]]) -> Subject:
    """
    Return ``network`` (folded) with ``frames``.

    Its ``damage`` is the relative loss of mAP at IoU 0.5 against the ground truth.
    """
    model = staged(network)
    pictures, truths = map(list, zip(*frames, strict=True))
    inputs = tuple(State(image=image) for image in pictures)
    judge = _Judge(truths)
    clean = []
    for state in inputs:
        run = dict(state)
        for stage in model.stages:
            run.update(stage.run(run))
        clean.append(run)
    judge.take(clean)

    def gradients() -> dict[str, torch.Tensor]:
        own = copy.deepcopy(network).requires_grad_(True)
        names, parameters = zip(*own.named_parameters(), strict=True)
        x = clean[0]['x'].clone()
        total = sum(level.sum() for level in own(x))
        assert isinstance(total, torch.Tensor)
        slopes = torch.autograd.grad(total, parameters, materialize_grads=True)  # of bounds: none
        return dict(zip(names, slopes, strict=True))

    def whole(state: State) -> State:
        run = dict(state)
        for stage in model.stages:
            run.update(stage.run(run))
        return run

    return Subject(
        name=model.name,
        stages=model.stages,
        weights=model.weights,
        inputs=inputs,
        pictures=len(inputs),
        judge=judge,
        whole=whole,
        gradients=gradients,
        failed={'detections': torch.full((1, 6), torch.nan)},
        scenario=True,
    )


class _Judge:
    """Compares detections with those of the clean run and with the ground truth."""

    def __init__(self, truths: list[Truth]) -> None:
        self._truths = truths
        self._positives = [
            sum(int(np.sum((truth.classes == number) & ~truth.ignore)) for truth in truths)
            for number in range(len(CLASSES))
        ]
        self._clean: list[Floats] = []
        self._clean_matches: list[Matches] = []

    def take(self, outputs: Sequence[State]) -> None:
        """Take ``outputs`` for those of the run without a fault."""
        self._clean = [_rows(state) for state in outputs]
        pairs = zip(self._clean, self._truths, strict=True)
        self._clean_matches = [_matches(rows, truth) for rows, truth in pairs]

    def __call__(self, outputs: Sequence[State]) -> dict[str, float]:
        """
        Return the figures of ``outputs``.

        ``ivmod``: share of frames in which objects were lost or made up against the clean run
        (Qutub et al. 2022), ``due``: share of those in which a number was none or a stage raised;
        how many true positives, false positives and false negatives there are more.
        """
        silent = due = 0
        matches = list(self._clean_matches)
        for number, state in enumerate(outputs):
            rows, clean = _rows(state), self._clean[number]
            if np.array_equal(rows, clean):
                continue
            kept = rows[np.isfinite(rows).all(axis=1)]
            if len(kept) < len(rows):
                due += 1
            elif compare(clean, rows).critical:
                silent += 1
            matches[number] = _matches(kept, self._truths[number])
        before = self._mean_precision(self._clean_matches)
        (old_true, old_false), (true, false) = map(_counts, (self._clean_matches, matches))
        return {
            'damage': (before - self._mean_precision(matches)) / before,
            'ivmod': silent / len(outputs),
            'due': due / len(outputs),
            'tp_change': float(true - old_true),
            'fp_change': float(false - old_false),
            'fn_change': float(old_true - true),
        }

    def _mean_precision(self, matches: list[Matches]) -> float:
        """Return the mean average precision over the classes that occur."""
        each = []
        for number, positives in enumerate(self._positives):
            if positives:
                scores = np.concatenate([frame[number][0] for frame in matches])
                hits = np.concatenate([frame[number][1] for frame in matches])
                each.append(average_precision(scores, hits, positives))
        return float(np.mean(each))


def _matches(rows: Floats, truth: Truth) -> Matches:
    """Return, for each class, the scores of the detections in a frame and whether they hit."""
    return [match_frame(rows, truth, number) for number in range(len(CLASSES))]


def _counts(matches: list[Matches]) -> tuple[int, int]:
    """Return true and false positives."""
    hits = np.concatenate([hits for frame in matches for _, hits in frame])
    return int(hits.sum()), int((~hits).sum())


def _rows(state: State) -> Floats:
    return np.asarray(state['detections'].numpy(), np.float64)
