# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every framework computes the same detector; what is not there is said."""

from __future__ import annotations

import inspect
from importlib import metadata

import pytest

from restage.study.difference import detections
from restage.study.errors import StudyError
from restage.study.frameworks import FRAMEWORKS, find_framework
from restage.study.frameworks.framework import Framework, Session
from restage.study.present import Present
from restage.study.probe import probe
from restage.study.settings import StudySettings

ON_CPU = ('pytorch', 'onnxruntime', 'opencv', 'openvino', 'ncnn', 'litert')


def skip_without(name: str) -> None:
    try:
        metadata.version(find_framework(name).distribution)
    except metadata.PackageNotFoundError:
        pytest.skip(f'{name} is not installed')


@pytest.mark.parametrize('name', ON_CPU)
def test_clean_outputs_are_those_of_the_detector(workshop, name):
    skip_without(name)
    found = probe(StudySettings(), workshop.folder, name, workshop.right)
    assert isinstance(found, Present), found
    assert 0 <= found.difference < 1e-3
    for right, made in zip(workshop.right, found.golden, strict=True):
        assert [one.shape for one in made] == [one.shape for one in right]
        assert len(detections(made)) == len(detections(right)) > 0


def test_a_framework_that_computes_something_else_is_not_studied(workshop):
    others = [*workshop.right[1:], workshop.right[0]]
    found = probe(StudySettings(), workshop.folder, 'onnxruntime', others)
    assert isinstance(found, str)
    assert 'not those of the detector' in found


def test_what_is_not_installed_is_said(workshop, monkeypatch):
    monkeypatch.setattr(FRAMEWORKS['ncnn'], 'distribution', 'no-such-package')
    found = probe(StudySettings(), workshop.folder, 'ncnn', workshop.right)
    assert found == 'the package no-such-package is not installed'


def test_a_gpu_that_is_not_there_is_said(workshop):
    import torch

    if torch.cuda.is_available():
        pytest.skip('there is a GPU')
    found = probe(StudySettings(), workshop.folder, 'pytorch_cuda', workshop.right)
    assert found == 'PyTorch finds no CUDA device'


def test_names_that_are_unknown_are_refused():
    with pytest.raises(StudyError, match="framework 'caffe'; accepted: pytorch"):
        StudySettings(frameworks=('caffe',))
    with pytest.raises(StudyError, match="error 'typo'; accepted: input_unmapped"):
        StudySettings(mistakes=('typo',))
    with pytest.raises(StudyError, match='trials is 0'):
        StudySettings(trials=0)


@pytest.mark.parametrize('name', FRAMEWORKS)
def test_a_verb_that_an_api_does_not_have_has_a_reason(name):
    module = inspect.getmodule(type(find_framework(name)))
    verbs = ('lend', 'own_input', 'begin', 'elsewhere', 'use_closed')
    sessions = [
        one
        for one in vars(module).values()
        if inspect.isclass(one) and one.__module__ == module.__name__ and issubclass(one, Session)
    ]
    assert len(sessions) == 1
    for verb in verbs:
        own = getattr(sessions[0], verb) is not getattr(Session, verb)
        assert own != (verb in sessions[0].refusals), verb
    framework = type(find_framework(name))
    assert (framework.load_shared is not Framework.load_shared) != bool(framework.copies)
