# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The cameras of one detector: their names, their topics, and what tells their frames apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_CAMERAS = 8
# How far below the newest stamp of a camera a frame is an old one, ns; further back, its clock was
# set back.
LATE_NS = 10_000_000_000
_NAME = re.compile(r'[A-Za-z][A-Za-z0-9_]*')


@dataclass(frozen=True)
class Cameras:
    """
    Several cameras, each a namespace of its own; or one without a name, the default.

    Frames are named by a key, in ns. Of one camera it is the stamp. Triggered together, several
    cameras give the same stamp: their keys have the camera's number in place of the last three
    bits, which is less than any clock resolves.
    """

    names: tuple[str, ...] = ('',)

    def __post_init__(self) -> None:
        """
        Look at the names.

        :raises ValueError: when they are not the names of one to eight different cameras.
        """
        if self.names == ('',):
            return
        wrong = [name for name in self.names if not _NAME.fullmatch(name)]
        if wrong or not 1 <= len(self.names) <= MOST_CAMERAS or len(set(self.names)) != len(self):
            raise ValueError(
                f'cameras {list(self.names)} is not accepted: give 1 to {MOST_CAMERAS} different '
                'names (letters, digits, underscores; a letter first), or none for one camera'
            )

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.names)

    @classmethod
    def called(cls, names: Sequence[str]) -> Cameras:
        """
        Return the cameras of these names; of none, the one without a name.

        :raises ValueError: when they cannot be names of cameras.
        """
        return cls(tuple(names) or ('',))

    def key(self, stamp_ns: int, camera: int) -> int:
        """Return what a frame of camera number ``camera`` is called."""
        return stamp_ns if len(self) == 1 else stamp_ns // MOST_CAMERAS * MOST_CAMERAS + camera

    def of(self, key: int) -> int:
        """Return the number of the camera whose frame ``key`` names."""
        return key % MOST_CAMERAS % len(self)

    def topic(self, camera: int, name: str) -> str:
        """Return topic ``name`` of camera number ``camera``."""
        return '/'.join(part for part in (self.names[camera], name) if part)
