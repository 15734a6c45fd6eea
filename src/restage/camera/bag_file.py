# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Finding and opening rosbag2 recordings, with one kind of error for all that can be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from restage.camera.errors import SourceError

if TYPE_CHECKING:
    from rosbags.rosbag2 import Reader

    from restage.camera.mcap_scan import McapScan

STORAGE_SUFFIXES = ('.mcap', '.db3')
# Of what a parser says, in characters.
LONGEST = 300


def find_bag(path: Path) -> Path | None:
    """
    Return what to open as a bag, or None where ``path`` is not one.

    A bag is a folder with ``metadata.yaml``, a folder with just one storage file, or a
    storage file itself (``.mcap``, ``.db3``). Several files of a recording that was cut off
    (``FOLDER_0.mcap``, ``FOLDER_1.mcap``, ...) are one bag, too.

    :raises SourceError: when there are several storage files and no metadata.yaml.
    """
    if path.is_file():
        return path if path.suffix in STORAGE_SUFFIXES else None
    if (path / 'metadata.yaml').is_file():
        return path
    files = sorted(file for file in path.iterdir() if file.suffix in STORAGE_SUFFIXES)
    if len(files) > 1 and all(_of_one_recording(file) for file in files):
        return path
    if len(files) > 1:
        names = ', '.join(file.name for file in files)
        raise SourceError(
            f"source '{path}': {len(files)} bag files ({names}) but no metadata.yaml; name one "
            "of them, or make it with 'ros2 bag reindex'"
        )
    return files[0] if files else None


def _of_one_recording(file: Path) -> bool:
    name, _, number = file.stem.rpartition('_')
    return file.suffix == '.mcap' and name == file.parent.name and number.isdecimal()


def cut_off(path: Path) -> bool:
    """Return whether a bag is MCAP and was never ended."""
    from restage.camera.mcap_scan import is_whole, mcap_files

    files = mcap_files(path)
    unended = path.is_dir() and not (path / 'metadata.yaml').is_file()
    return bool(files) and (unended or not all(is_whole(file) for file in files))


def shortened(error: Exception) -> str:
    """Return what a parser says in a line: it may repeat half of the file."""
    text = ' '.join(str(error).split()) or type(error).__name__
    return text if len(text) <= LONGEST else f'{text[:LONGEST]} ...'


@contextmanager
def opened_bag(path: Path) -> Iterator[Reader | McapScan]:
    """
    Open a bag for reading for as long as the context lasts.

    Of a recording that was cut off, it has what is whole.

    :raises SourceError: when it cannot be opened, or whenever reading it goes wrong.
    """
    # Imported here: whoever plays something else does not wait for it.
    from rosbags.rosbag2 import Reader

    try:
        if cut_off(path):
            from restage.camera.mcap_scan import McapScan, mcap_files

            scan = McapScan(mcap_files(path))
            if not scan.connections:
                raise SourceError(
                    f"source '{path}': the bag is broken or cut short: no message in it is whole; "
                    f'{scan.cut}'
                )
            yield scan
            return
        with Reader(path) as reader:
            yield reader
    except SourceError:
        raise
    except Exception as error:  # rosbags lets through whatever its parsers stumble over
        detail = shortened(error)
        raise SourceError(f"source '{path}': the bag is broken or cut short: {detail}") from error
