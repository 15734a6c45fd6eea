# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where models are, those that come with the package among them; without PyTorch."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / 'detector' / 'weights'
BUNDLED = FOLDER / 'roadnet.safetensors'
SHIPPED = {'bundled': BUNDLED, 'bundled-hardened': FOLDER / 'roadnet-hardened.safetensors'}


def file_of(spec: str) -> Path:
    """
    Return the file of the model that ``spec`` names.

    :raises RuntimeError: when the home folder in it is nobody's.
    """
    return SHIPPED.get(spec) or Path(spec).expanduser()


def portable(spec: str) -> str:
    """Return ``spec`` as processes in other folders understand it."""
    return spec if spec in SHIPPED else str(file_of(spec).resolve())
