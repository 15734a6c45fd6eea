# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A checkpoint store of one's own, laid out as that of a detection node."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from restage.checkpoint.errors import StoreError
from restage.checkpoint.folder import SHARED_MEMORY
from restage.checkpoint.nodefile import DATA, NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter
from restage.stages.model import StagedModel

# Detections of a blank frame are none at all; those of the measured ones need room.
SMALLEST_SLOT = 64 * 1024


@contextmanager
def private_store(
    model: StagedModel, sizes: Mapping[str, torch.Tensor], root: Path = SHARED_MEMORY
) -> Iterator[tuple[CheckpointWriter, CheckpointReader]]:
    """
    Give writer and reader of a store with a slot for each tensor of ``sizes``.

    Its folder in ``root`` is gone as soon as the file is mapped: nothing is left behind,
    whatever becomes of this process.

    :raises StoreError: when there is no room, or ``root`` cannot be written.
    """
    slots = tuple(Slot(name, max(tensor.nbytes, SMALLEST_SLOT)) for name, tensor in sizes.items())
    plan = Plan(slots, tuple(stage.name for stage in model.stages), model.digest())
    try:
        with TemporaryDirectory(prefix=f'restage-plan-{os.getpid()}-', dir=root) as folder:
            path = Path(folder) / 'plan'
            create_node_file(path, DATA + 2 * plan.arena_bytes())
            file = NodeFile(path)
    except OSError as error:
        raise StoreError(f"cannot make a checkpoint store in '{root}': {error.strerror}") from None
    writer = CheckpointWriter(file, plan)
    try:
        yield writer, CheckpointReader(file)
    finally:
        file.sign_off()
