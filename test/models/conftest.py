# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The bundled detector as an ONNX file."""

from __future__ import annotations

from pathlib import Path

import pytest

from restage.detector.export import export


@pytest.fixture(scope='session')
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp('exported') / 'roadnet.onnx')[0]
