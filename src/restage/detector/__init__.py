# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The bundled detector: RoadNet, its stages, training and evaluation."""

from restage.detector.errors import ModelError
from restage.detector.staged import load_bundled

__all__ = ['ModelError', 'load_bundled']
