# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""TensorRT, where it is installed."""

from __future__ import annotations

import importlib
from typing import Any

from restage.detector.errors import ModelError

# The first with named tensors; JetPack 5.1 has it.
OLDEST = (8, 5)
ACCEPTED = 'TensorRT 8.5 or later: part of JetPack 5.1 and later, elsewhere `pip install tensorrt`'


def load_tensorrt() -> Any:
    """
    Return the module.

    :raises ModelError: when it is missing or too old; says what is accepted.
    """
    try:
        module = importlib.import_module('tensorrt')
    except ImportError as error:
        raise ModelError(f'TensorRT cannot be imported ({error}); accepted: {ACCEPTED}') from None
    if version_of(module) < OLDEST:
        raise ModelError(f'TensorRT {module.__version__}; accepted: {ACCEPTED}')
    return module


def version_of(trt: Any) -> tuple[int, int]:
    """Return major and minor version."""
    major, minor = str(trt.__version__).split('.')[:2]
    return int(major), int(minor)
