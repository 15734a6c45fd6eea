# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Built engines, kept: building takes minutes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import xxhash

from restage.trt_backend.options import EngineOptions


@dataclass(frozen=True)
class EngineKey:
    """What an engine is good for: the model's bytes, TensorRT, the GPU, and how it was built."""

    model: bytes
    tensorrt: str
    gpu: str
    options: EngineOptions

    @property
    def file_name(self) -> str:
        """The name of its file."""
        chosen = {**asdict(self.options), 'cache': ''}
        state = xxhash.xxh3_128(self.model)
        for word in (self.tensorrt, self.gpu, repr(sorted(chosen.items()))):
            state.update(word.encode() + b'\0')
        return f'{state.hexdigest()}.engine'


def engine_for(key: EngineKey, build: Callable[[], bytes]) -> bytes:
    """
    Return the engine from the cache; one that is not there is built and kept.

    A folder that cannot be written to costs time at every start, nothing else.
    """
    path = _path(key)
    try:
        return path.read_bytes()
    except OSError:
        engine = build()
    _keep(engine, path)
    return engine


def forget(key: EngineKey) -> None:
    """Take the engine out of the cache."""
    with contextlib.suppress(OSError):
        _path(key).unlink()


def _path(key: EngineKey) -> Path:
    return key.options.cache.expanduser() / key.file_name


def _keep(engine: bytes, path: Path) -> None:
    scratch = path.with_suffix(f'.{os.getpid()}.tmp')
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        scratch.write_bytes(engine)
        # At once or not at all: another node may read it meanwhile.
        scratch.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            scratch.unlink()
