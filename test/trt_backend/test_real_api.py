# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is used of TensorRT is in the real one, wherever its Python module can be imported.

No GPU is needed for that, but its libraries are: ``tensorrt`` of PyPI (its libraries come from
NVIDIA's own index), or JetPack's.
"""

from __future__ import annotations

import importlib
import re

import pytest

from restage.trt_backend.api import OLDEST, version_of
from restage.trt_backend.part import DTYPES


def real() -> object:
    for name in ('tensorrt', 'tensorrt_bindings'):
        try:
            return importlib.import_module(name)
        except (ImportError, OSError):
            continue
    pytest.skip(
        'neither tensorrt nor tensorrt_bindings can be imported here', allow_module_level=True
    )


trt = real()

# Of a class: what is called or set, and with how many arguments.
USED = {
    'Logger': {'__init__': 1},
    'Builder': {
        '__init__': 1,
        'create_builder_config': 0,
        'create_network': 1,
        'build_serialized_network': 2,
        'num_DLA_cores': None,
    },
    'IBuilderConfig': {
        'set_memory_pool_limit': 2,
        'set_flag': 1,
        'default_device_type': None,
        'DLA_core': None,
    },
    'OnnxParser': {'__init__': 2, 'parse': 1, 'get_error': 1, 'num_errors': None},
    'Runtime': {'__init__': 1, 'deserialize_cuda_engine': 1, 'DLA_core': None},
    'ICudaEngine': {
        'create_execution_context': 0,
        'get_tensor_dtype': 1,
        'get_tensor_shape': 1,
    },
    'IExecutionContext': {
        'set_input_shape': 2,
        'set_tensor_address': 2,
        'execute_async_v3': 1,
    },
}


@pytest.mark.parametrize(
    ('kind', 'name', 'count'),
    [(kind, name, count) for kind, used in USED.items() for name, count in used.items()],
)
def test_what_is_called_exists_and_takes_as_many_arguments(kind, name, count):
    found = getattr(getattr(trt, kind), name)
    if count is None:
        assert isinstance(found, property)
        assert found.fset is not None or name.startswith('num_')
        return
    # pybind11 writes signatures into the documentation: name(self: C, a: int, b: int = 0) -> ...
    texts = re.findall(rf'{name}\((self: .*?)\) -> ', found.__doc__)
    assert texts, found.__doc__
    ways = []
    for text in texts:
        arguments = re.findall(r'(\w+): ([^:]*?)(?=, \w+: |$)', text)[1:]
        needed = sum(' = ' not in kind for _, kind in arguments)
        ways.append(range(needed, len(arguments) + 1))
    assert any(count in way for way in ways), (count, texts)


def test_the_enumerations_have_what_is_used_in_each_version():
    flags = set(trt.BuilderFlag.__members__)
    assert 'GPU_FALLBACK' in flags
    # build.py goes by whether the flag is there.
    assert ('FP16' in flags) is (version_of(trt) < (11, 0))
    if version_of(trt) < (10, 0):
        assert int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH) == 0
    assert 'DLA' in trt.DeviceType.__members__
    assert 'WORKSPACE' in trt.MemoryPoolType.__members__
    assert version_of(trt) >= OLDEST


def test_a_shape_is_a_sequence_of_numbers():
    assert tuple(trt.Dims((1, -1, 3))) == (1, -1, 3)


def test_types_are_told_by_the_names_that_are_looked_up():
    kinds = {str(kind).rpartition('.')[2] for kind in trt.DataType.__members__.values()}
    assert kinds & set(DTYPES) >= {'FLOAT', 'HALF', 'INT8', 'INT32', 'BOOL', 'UINT8'}
    if version_of(trt) >= (10, 0):
        assert set(DTYPES) <= kinds
