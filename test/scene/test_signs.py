# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from restage.scene.signs import KINDS, make_sign


@pytest.mark.parametrize('kind', KINDS)
def test_every_sign_fills_its_plate(kind):
    plate, mask = make_sign(kind)
    assert plate.shape == (96, 96, 3)
    rows, cols = np.nonzero(mask)
    assert np.ptp(rows) > 70
    assert np.ptp(cols) > 70


def test_unknown_sign():
    with pytest.raises(ValueError, match='choose one of'):
        make_sign('moose')
