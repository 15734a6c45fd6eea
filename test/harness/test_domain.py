# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from restage.harness import domain as module
from restage.harness.domain import DOMAINS, own_domain


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other runs on this machine hold domains too."""
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))


def test_contexts_beside_each_other_have_different_domains() -> None:
    with own_domain() as first, own_domain() as second, own_domain() as third:
        assert len({first, second, third}) == 3
        assert {first, second, third} <= set(DOMAINS)


def test_a_domain_is_free_again_after_its_context() -> None:
    with own_domain() as first:
        pass
    with own_domain() as second:
        assert second == first


def test_a_domain_is_free_again_after_an_exception() -> None:
    with pytest.raises(KeyError), own_domain() as first:
        raise KeyError
    with own_domain() as second:
        assert second == first


def test_when_all_are_taken_that_is_a_clear_error_and_one_freed_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, 'DOMAINS', range(4, 6))
    with own_domain() as first:
        with own_domain() as second:
            assert {first, second} == {4, 5}
            with pytest.raises(RuntimeError, match='all ROS domains from 4 to 5'), own_domain():
                pass
        with own_domain() as again:
            assert again == second
