# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What tests of the study share: models and pictures, a study's parts on a small scale."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from restage.study.campaign import TrialFolder, request_for
from restage.study.events import EventReader
from restage.study.launch import Deadlines, Ended, launch
from restage.study.models.prepare import write_models
from restage.study.pictures import write_pictures
from restage.study.present import Present
from restage.study.probe import probe, reference
from restage.study.record import Golden
from restage.study.settings import StudySettings


@dataclass(frozen=True)
class Workshop:
    """A folder with models and pictures, and what the detector makes of the pictures."""

    folder: Path
    right: Golden


@pytest.fixture(scope='session')
def workshop(tmp_path_factory) -> Workshop:
    folder = tmp_path_factory.mktemp('workshop')
    for name in ('models', 'pictures'):
        (folder / name).mkdir()
    right = reference(write_pictures(folder / 'pictures'))
    write_models(folder / 'models')
    return Workshop(folder, right)


@pytest.fixture(scope='session')
def present(workshop) -> Callable[[str], Present]:
    """Return a framework with its clean outputs, computed once."""
    known: dict[str, Present] = {}

    def find(name: str) -> Present:
        if name not in known:
            found = probe(StudySettings(), workshop.folder, name, workshop.right)
            assert isinstance(found, Present), found
            known[name] = found
        return known[name]

    return find


Trial = Callable[..., tuple[EventReader, Ended]]


@pytest.fixture
def trial(tmp_path) -> Trial:
    """Run a program in the place of a trial's process."""

    def run(
        code: str, memory_bytes: int = 1 << 30, **deadlines: float
    ) -> tuple[EventReader, Ended]:
        settings = StudySettings(memory_bytes=memory_bytes)
        with TrialFolder(tmp_path, 'trial') as folder:
            request = request_for(settings, tmp_path, 'onnxruntime', 'none', 1, folder)
            found = launch(request, Deadlines(**deadlines), threading.Event(), code)
        assert not (tmp_path / 'trial').exists()
        return found

    return run
