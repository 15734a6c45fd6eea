# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""torchvision, or the reason why its detectors are not tested here."""

from __future__ import annotations

import pytest

from restage.detector.errors import ModelError
from restage.torchvision_backend.api import load_torchvision


@pytest.fixture(scope='session')
def torchvision():
    try:
        return load_torchvision()
    except ModelError as error:
        pytest.skip(str(error))
