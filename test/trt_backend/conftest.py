# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A TensorRT that notes what it is asked for: the real one needs a GPU."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import onnx
import pytest


class Flag(int):
    """A member of one of its enumerations."""


def make(version: str, cores: int = 0, understands: bool = True, builds: bool = True) -> Any:
    """Return a module with the classes of that version, and ``asked``: what was asked for."""
    major = int(version.split('.')[0])
    asked: dict[str, Any] = {'flags': []}

    class Config:
        def set_memory_pool_limit(self, pool: object, size: int) -> None:
            asked['workspace'] = size

        def set_flag(self, flag: str) -> None:
            asked['flags'].append(flag)

        def __setattr__(self, name: str, value: object) -> None:
            asked[name] = value

    class Builder:
        num_DLA_cores = cores  # noqa: N815

        def __init__(self, logger: object) -> None: ...

        def create_builder_config(self) -> Config:
            return Config()

        def create_network(self, flags: int) -> str:
            asked['network'] = flags
            return 'network'

        def build_serialized_network(self, network: str, config: Config) -> bytearray | None:
            return bytearray(b'engine') if builds else None

    class Parser:
        num_errors = 1

        def __init__(self, network: str, logger: object) -> None: ...

        def parse(self, data: bytes) -> bool:
            asked['model'] = onnx.load_from_string(data)
            return understands

        def get_error(self, number: int) -> str:
            return 'no such operator'

    class Logger:
        WARNING = 2

        def __init__(self, level: int) -> None: ...

    flags = {'GPU_FALLBACK': 'GPU_FALLBACK'}
    if major < 11:
        flags['FP16'] = 'FP16'
    return SimpleNamespace(
        __version__=version,
        asked=asked,
        Builder=Builder,
        OnnxParser=Parser,
        Logger=Logger,
        BuilderFlag=SimpleNamespace(**flags),
        DeviceType=SimpleNamespace(DLA='DLA'),
        MemoryPoolType=SimpleNamespace(WORKSPACE='WORKSPACE'),
        NetworkDefinitionCreationFlag=SimpleNamespace(EXPLICIT_BATCH=0),
    )


@pytest.fixture
def make_tensorrt() -> Callable[..., Any]:
    return make
