# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Exported PyTorch programs (.pt2): a graph of pure functions over named weights."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch.export import ExportedProgram

from restage.detector.errors import ModelError, first_line
from restage.torch_backend.archive import check_archive

FORCE = 'TORCH_FORCE_WEIGHTS_ONLY_LOAD'


def load_program(path: Path) -> ExportedProgram:
    """
    Return the program in the file at ``path``. Nothing in it is unpickled, nor run.

    :raises ModelError: when there is none, or one that cannot be read like that.
    """
    if not path.is_file():
        raise ModelError(f"'{path}' does not exist; accepted: what torch.export.save wrote")
    try:
        # One read: what is checked is what is loaded.
        content = path.read_bytes()
        check_archive(content)
        with _weights_only(), warnings.catch_warnings():
            warnings.simplefilter('ignore')
            return torch.export.load(io.BytesIO(content))
    except Exception as error:  # of bad bytes torch raises a dozen kinds
        raise ModelError(
            f"'{path}' cannot be read: {first_line(error)}; accepted: what torch.export.save "
            'wrote, with plain tensors of fixed shapes only'
        ) from None


def export(module: torch.nn.Module, picture: torch.Tensor) -> ExportedProgram:
    """
    Return ``module``, for inference on pictures like ``picture``, as a program.

    :raises ModelError: when it is none that torch.export takes.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            return torch.export.export(module.eval(), (picture,))
    except Exception as error:  # what cannot be traced raises a dozen kinds
        raise ModelError(
            f'{type(module).__name__} cannot be exported: {first_line(error)}'
        ) from None


@contextmanager
def _weights_only() -> Iterator[None]:
    """Keep torch.export.load from unpickling, which it does where safe loading fails."""
    before = os.environ.get(FORCE)
    os.environ[FORCE] = '1'
    try:
        yield
    finally:
        if before is None:
            del os.environ[FORCE]
        else:
            os.environ[FORCE] = before
