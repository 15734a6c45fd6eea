# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The weights that come with the package; without PyTorch, for nodes that do without it."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / 'detector' / 'weights'
BUNDLED = FOLDER / 'roadnet.safetensors'
SHIPPED = {'bundled': BUNDLED, 'bundled-hardened': FOLDER / 'roadnet-hardened.safetensors'}
