# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which device a name means, and what is said where there is none."""

from __future__ import annotations

import pytest
import torch

from restage.accelerator.choice import CPU, DeviceError, device_named
from restage.stages.loading import load_model


@pytest.fixture
def two_gpus(monkeypatch):
    """A machine with two GPUs, as far as PyTorch tells."""
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
    monkeypatch.setattr(torch.cuda, 'get_device_name', lambda n: f'Orin {n}')
    monkeypatch.setattr(torch.backends.cudnn, 'deterministic', False)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)


def test_the_cpu_needs_no_gpu(no_gpu):
    assert device_named('cpu') == CPU


@pytest.mark.parametrize('name', ['cuda', 'cuda:0', 'cuda:7'])
@pytest.mark.parametrize(
    ('built', 'why'), [(None, 'is built without CUDA'), ('13.0', 'CUDA 13.0.* finds no GPU')]
)
def test_without_a_gpu_the_message_says_why_and_what_there_is(
    no_gpu, monkeypatch, name, built, why
):
    monkeypatch.setattr(torch.version, 'cuda', built)
    with pytest.raises(DeviceError, match=f"device '{name}': PyTorch .*{why}.*; accepted: cpu"):
        device_named(name)


@pytest.mark.parametrize('name', ['gpu', 'cuda:', 'cuda:x', 'cuda:-1', '', 'CPU', 'mps', 'cuda:1 '])
def test_another_name_is_refused(no_gpu, name):
    with pytest.raises(DeviceError, match=f"device '{name}'; accepted: cpu"):
        device_named(name)


def test_the_first_gpu_is_the_one_without_a_number(two_gpus):
    assert device_named('cuda') == torch.device('cuda:0')
    assert device_named('cuda:1') == torch.device('cuda:1')


def test_a_gpu_that_is_not_there_is_refused_with_those_that_are(two_gpus):
    expected = r"'cuda:2' does not exist; accepted: cpu, cuda, cuda:0 \(Orin 0\), cuda:1 \(Orin 1\)"
    with pytest.raises(DeviceError, match=expected):
        device_named('cuda:2')


def test_on_a_gpu_a_retry_makes_the_same_bits(two_gpus):
    device_named('cuda')
    assert torch.backends.cudnn.deterministic


def test_a_model_is_not_loaded_for_a_device_that_is_not_there(no_gpu):
    with pytest.raises(DeviceError, match="device 'cuda'"):
        load_model('bundled', 'cuda')
