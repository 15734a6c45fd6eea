# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How bad detections are: against ground truth, or against those of the run without a fault."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from restage.coverage.outcome import compare
from restage.detector.evaluate import Floats, Truth, average_precision, match_frame
from restage.sampling.errors import SamplingError
from restage.stages.model import State

# Of each class in a frame: scores, and which detections hit.
Matches = list[tuple[Floats, NDArray[np.bool_]]]
Quality = Callable[[list[Matches]], float]
NOTHING = (np.zeros(0), np.zeros(0, bool))


class TruthJudge:
    """Compares detections with ground truth; ``damage`` is the relative loss of mAP at IoU 0.5."""

    def __init__(self, clean: Sequence[State], truths: Sequence[Truth], classes: int) -> None:
        """
        Take ``clean`` for the outputs without a fault; ``truths``: one for each of them.

        :raises SamplingError: when those outputs have nothing right that could be lost.
        """
        self._classes = range(classes)
        self._truths = truths
        self._positives = [
            sum(int(np.sum((truth.classes == number) & ~truth.ignore)) for truth in truths)
            for number in self._classes
        ]
        self._clean = [_rows(state) for state in clean]
        pairs = zip(self._clean, truths, strict=True)
        self._clean_matches = [self._matches(rows, truth) for rows, truth in pairs]
        if not any(hits.any() for frame in self._clean_matches for _, hits in frame):
            raise SamplingError(
                f'without a fault nothing is detected in these {len(clean)} pictures that a fault '
                'could take away; accepted: pictures with objects that the model knows'
            )

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
            matches[number] = self._matches(kept, self._truths[number])
        (old_true, old_false), (true, false) = map(_counts, (self._clean_matches, matches))
        return {
            **self._losses(matches),
            'ivmod': silent / len(outputs),
            'due': due / len(outputs),
            'tp_change': float(true - old_true),
            'fp_change': float(false - old_false),
            'fn_change': float(old_true - true),
        }

    def _losses(self, matches: list[Matches]) -> dict[str, float]:
        return {'damage': self._loss(self._mean_precision, matches)}

    def _loss(self, quality: Quality, matches: list[Matches]) -> float:
        """Return how much less ``quality`` is than without a fault, as a share of that."""
        before = quality(self._clean_matches)
        return (before - quality(matches)) / before

    def _mean_precision(self, matches: list[Matches]) -> float:
        """Return the mean average precision over the classes that occur."""
        each = []
        for number, positives in enumerate(self._positives):
            if positives:
                scores = np.concatenate([frame[number][0] for frame in matches])
                hits = np.concatenate([frame[number][1] for frame in matches])
                each.append(average_precision(scores, hits, positives))
        return float(np.mean(each))

    def _harmonic_mean(self, matches: list[Matches]) -> float:
        """Return F1 over all classes, those that only a fault brings up among them."""
        true, false = _counts(matches)
        return 2.0 * true / (true + false + sum(self._positives))

    def _matches(self, rows: Floats, truth: Truth) -> Matches:
        """Return, for each class, the scores of the detections in a frame and whether they hit."""
        there = {*rows[:, 5].tolist(), *truth.classes.tolist()}
        return [
            match_frame(rows, truth, number) if number in there else NOTHING
            for number in self._classes
        ]


class ReferenceJudge(TruthJudge):
    """
    Compares detections with those of the run without a fault ("golden run").

    ``damage`` is the relative loss of F1, in which an object that is made up counts as much as one
    that is lost; mAP (its loss is ``map_loss``) overlooks those of other classes than the
    reference has, and those with lower scores than the hits.
    """

    def __init__(self, clean: Sequence[State], classes: int) -> None:
        """
        Take ``clean`` for the outputs without a fault.

        :raises SamplingError: when there is no detection in them.
        """
        super().__init__(clean, [_as_truth(_rows(state)) for state in clean], classes)

    def _losses(self, matches: list[Matches]) -> dict[str, float]:
        return {
            'damage': self._loss(self._harmonic_mean, matches),
            'map_loss': self._loss(self._mean_precision, matches),
        }


def _as_truth(rows: Floats) -> Truth:
    return Truth(
        boxes=rows[:, :4],
        classes=rows[:, 5].astype(np.int64),
        ignore=np.zeros(len(rows), bool),
    )


def _counts(matches: list[Matches]) -> tuple[int, int]:
    """Return true and false positives."""
    hits = np.concatenate([hits for frame in matches for _, hits in frame])
    return int(hits.sum()), int((~hits).sum())


def _rows(state: State) -> Floats:
    """Return the detections of a state, N x 6."""
    return np.asarray(state['detections'].numpy(), np.float64)
