# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A detection node's workbench on a store of its own, without ROS and without leftovers."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch

from restage.bench.default_options import default_options
from restage.bench.store import DEFAULT_MB
from restage.bench.swallow import EPOCH, Swallow
from restage.checkpoint.folder import SHARED_MEMORY, open_or_create, sign_off, store_folder
from restage.nodes.detection_options import DetectionOptions
from restage.nodes.workbench import Workbench, make_workbench
from restage.stages.hook import NoHook
from restage.stages.loading import load_model

NODE = 'overhead'


@dataclass(frozen=True)
class Rig:
    """The workbench, its outlet and the options it was made by."""

    bench: Workbench
    outlet: Swallow
    options: DetectionOptions


@contextlib.contextmanager
def rig(
    model: str, plan: str = '', root: Path = SHARED_MEMORY, *, store_mb: int = DEFAULT_MB
) -> Iterator[Rig]:
    """
    Give a rig over a private store in ``root``; the store is gone afterwards, whatever happens.

    ``model``: as `load_model` takes it. ``plan``: a checkpoint plan (YAML) instead of the default
    boundaries. ``store_mb``: room in the store, MiB.

    :raises StoreError: when there is no room for the store.
    :raises ValueError: when the model cannot be used.
    """
    # Named as a system's store: should this process be killed, the next system clears it away.
    folder = store_folder(f'overhead-{os.getpid()}', root=root)
    threads = torch.get_num_threads()
    try:
        control = open_or_create(folder, [NODE], store_mb * 1024 * 1024)
        control.epoch = EPOCH
        outlet, options = Swallow(control), replace(default_options(), model=model, plan=plan)
        bench = make_workbench(
            partial(load_model, model),
            options,
            lambda _: NoHook(),
            outlet,
            node_name=NODE,
            store=folder,
        )
        yield Rig(bench, outlet, options)
    finally:
        torch.set_num_threads(threads)
        if folder.is_dir():
            sign_off(folder)
        shutil.rmtree(folder, ignore_errors=True)
