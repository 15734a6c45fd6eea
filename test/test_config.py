# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from restage.config import config_folder, find_scenario

BUNDLED = tuple(sorted(file.stem for file in (config_folder() / 'scenarios').iterdir()))


def test_the_configuration_is_found_with_all_its_parts() -> None:
    folder = config_folder()
    assert {file.name for file in folder.iterdir()} >= {'restage.yaml', 'fastdds.xml', 'scenarios'}


@pytest.mark.parametrize('name', BUNDLED)
def test_a_bundled_scenario_is_found_by_its_name(name: str) -> None:
    path = find_scenario(name)
    assert path == config_folder() / 'scenarios' / f'{name}.yaml'
    assert path.is_file()


@pytest.mark.parametrize('suffix', ['.yaml', '.yml'])
def test_a_file_is_found_by_its_path_and_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    file = tmp_path / f'mine{suffix}'
    file.touch()
    assert find_scenario(str(file)) == file
    monkeypatch.chdir(tmp_path)
    assert find_scenario(f'mine{suffix}') == file


def test_a_name_is_a_bundled_scenario_even_beside_a_file_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / 'kill').touch()
    (tmp_path / 'kill.yaml').touch()
    monkeypatch.chdir(tmp_path)
    assert find_scenario('kill') == config_folder() / 'scenarios' / 'kill.yaml'
    assert find_scenario('kill.yaml') == tmp_path / 'kill.yaml'


@pytest.mark.parametrize('name', ['kil', '', 'kill.yaml', '/no/such.yaml', 'scenarios/kill'])
def test_a_scenario_that_is_not_there_is_answered_with_those_that_are(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        find_scenario(name)
    assert str(caught.value) == (
        f"scenario '{name}' is neither a YAML file nor one of the bundled ones: "
        f'{", ".join(BUNDLED)}'
    )


def test_a_file_that_is_no_yaml_file_is_not_taken_for_a_scenario(tmp_path: Path) -> None:
    file = tmp_path / 'scenario.txt'
    file.touch()
    with pytest.raises(FileNotFoundError, match='is neither a YAML file nor one of the bundled'):
        find_scenario(str(file))
