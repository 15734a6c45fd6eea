# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Handwritten digits (Alpaydin and Kaynak 1998), as scikit-learn ships them, upscaled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from restage.sampling.errors import SamplingError

SIZE = 16  # pixels; the originals have 8
TRAINING = 1297  # of 1797
SPLIT_SEED = 0


@dataclass(frozen=True)
class Digits:
    """``images``: float32, N x 1 x 16 x 16, about zero mean; ``labels``: int64, N."""

    images: torch.Tensor
    labels: torch.Tensor


def load_digits(*, held_out: bool) -> Digits:
    """
    Return the 1297 digits to train on, or the 500 that are never trained on, shuffled.

    :raises SamplingError: when scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits as shipped
    except ImportError:
        raise SamplingError(
            'the digits come with scikit-learn, which is not installed; accepted: '
            '`pip install -r requirements/campaign.txt`, or another --model'
        ) from None
    pictures, labels = shipped(return_X_y=True)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(labels))
    chosen = order[TRAINING:] if held_out else order[:TRAINING]
    small = torch.from_numpy(pictures[chosen].reshape(-1, 1, 8, 8)).float() / 8.0 - 1.0
    images = functional.interpolate(small, size=(SIZE, SIZE), mode='bilinear')
    return Digits(images.contiguous(), torch.from_numpy(labels[chosen]).long())
