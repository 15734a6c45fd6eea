# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where the configuration files are: beside the sources, or in the installed share folder."""

from __future__ import annotations

from pathlib import Path


def config_folder() -> Path:
    """
    Return the folder ``config`` of the package.

    :raises FileNotFoundError: when it is in neither place.
    """
    beside = Path(__file__).resolve().parents[2] / 'config'
    if beside.is_dir():
        return beside
    from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

    try:
        return Path(get_package_share_directory('restage')) / 'config'
    except PackageNotFoundError:
        raise FileNotFoundError(
            f"no configuration: neither '{beside}' nor an installed package 'restage'"
        ) from None


def find_scenario(name: str) -> Path:
    """
    Return the scenario called ``name``: a file, or a name in ``config/scenarios``.

    :raises FileNotFoundError: when there is none; names those there are.
    """
    path = Path(name)
    if path.suffix in ('.yaml', '.yml') and path.exists():
        return path.resolve()
    folder = config_folder() / 'scenarios'
    known = folder / f'{name}.yaml'
    if known.exists():
        return known
    names = ', '.join(sorted(file.stem for file in folder.glob('*.yaml')))
    raise FileNotFoundError(
        f"scenario '{name}' is neither a YAML file nor one of the bundled ones: {names}"
    )
