# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which errors of a GPU end a process: by their code, by their text, and by asking the context."""

from __future__ import annotations

import pytest
import torch

from restage.accelerator.failure import ContextLostError, Failure
from restage.accelerator.judge import STICKY, failure_of, give_memory_back
from restage.recovery.policy import INCURABLE
from restage.stages.model import Stage, StagedModel
from restage.stages.runner import StageError, StageRunner

ILLEGAL = 'CUDA error: an illegal memory access was encountered'


def accelerator(code: int, text: str = 'CUDA error: what it was') -> Exception:
    """As PyTorch raises it, since 2.8: the code is an attribute."""
    error = torch.AcceleratorError(text)
    error.error_code = code  # type: ignore[attr-defined]
    return error


@pytest.fixture(params=['lost', 'sound', 'unused'])
def context(request, monkeypatch) -> str:
    """A context that is lost, one that is not, or none."""

    def synchronize() -> None:
        if request.param == 'lost':
            raise accelerator(700)

    monkeypatch.setattr(torch.cuda, 'is_initialized', lambda: request.param != 'unused')
    monkeypatch.setattr(torch.cuda, 'synchronize', synchronize)
    return str(request.param)


@pytest.mark.parametrize('code', sorted(STICKY))
def test_sticky_codes_end_the_process(context, code):
    assert failure_of(accelerator(code)) is Failure.CONTEXT_LOST


@pytest.mark.parametrize(
    'text',
    [
        ILLEGAL,
        'CUDA error: unspecified launch failure',
        'CUDA error: device-side assert triggered',
        'CUDA error: misaligned address\nCompile with `TORCH_USE_CUDA_DSA` to enable it.',
        'CUDA error: uncorrectable ECC error encountered',
        'CUDA error: the launch timed out and was terminated',
        '[ONNXRuntimeError] : 1 : FAIL : CUDA failure 700: an illegal memory access ; GPU=0',
        'CUDA failure 719: ? ; GPU=0 ; hostname=orin',
    ],
)
def test_sticky_texts_do_where_there_is_no_code(context, text):
    assert failure_of(RuntimeError(text)) is Failure.CONTEXT_LOST


@pytest.mark.parametrize(
    'error',
    [
        torch.cuda.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB.'),
        accelerator(2, 'CUDA error: out of memory'),
        RuntimeError('CUDA error: out of memory'),
        RuntimeError('CUDA failure 2: out of memory ; GPU=0'),
        RuntimeError('CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`'),
    ],
)
def test_memory_that_is_not_there_ends_no_process(context, error):
    assert failure_of(error) is Failure.GPU_MEMORY


@pytest.mark.parametrize(
    'error',
    [
        accelerator(1, 'CUDA error: invalid argument'),
        accelerator(9, 'CUDA error: invalid configuration argument'),
        RuntimeError('cuDNN error: CUDNN_STATUS_EXECUTION_FAILED'),
        RuntimeError('TensorRT could not run the engine'),
    ],
)
def test_of_other_errors_of_the_gpu_the_context_tells(context, error):
    expected = Failure.CONTEXT_LOST if context == 'lost' else Failure.ORDINARY
    assert failure_of(error) is expected


@pytest.mark.parametrize(
    'error',
    [
        RuntimeError('mat1 and mat2 shapes cannot be multiplied'),
        RuntimeError('DefaultCPUAllocator: not enough memory: out of memory'),
        MemoryError(),
        KeyError('x'),
    ],
)
def test_what_is_of_no_gpu_does_not_ask_it(monkeypatch, error):
    monkeypatch.setattr(torch.cuda, 'is_initialized', lambda: pytest.fail('asked'))
    assert failure_of(error) is Failure.ORDINARY


def test_the_cause_of_an_error_counts(context):
    try:
        try:
            raise accelerator(700)
        except RuntimeError as error:
            raise ValueError('the model does not run') from error
    except ValueError as error:
        assert failure_of(error) is Failure.CONTEXT_LOST
    assert failure_of(ContextLostError('stage')) is Failure.CONTEXT_LOST


def test_without_a_gpu_there_is_no_memory_to_give_back(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_initialized', lambda: False)
    monkeypatch.setattr(torch.cuda, 'empty_cache', lambda: pytest.fail('called'))
    give_memory_back()


@pytest.mark.parametrize(
    ('error', 'detector'),
    [
        (accelerator(700, ILLEGAL), 'backend_lost'),
        (torch.cuda.OutOfMemoryError('CUDA out of memory.'), 'gpu_memory'),
        (RuntimeError('shapes'), 'exception'),
    ],
)
def test_a_stage_reports_them_by_name_and_only_the_lost_one_is_incurable(error, detector):
    def fail(_: object) -> dict[str, torch.Tensor]:
        raise error

    stage = Stage(name='only', inputs=('image',), outputs=('detections',), run=fail)
    model = StagedModel(name='m', stages=(stage,), class_names=(), input_size=(4, 4))
    with pytest.raises(StageError) as caught:
        StageRunner(model).run_all(torch.zeros(4, 4, 3, dtype=torch.uint8))
    assert caught.value.detector == detector
    assert (detector in INCURABLE) is (detector == 'backend_lost')
