# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The rendered road scene as an endless source."""

from __future__ import annotations

import itertools
from collections.abc import Generator

from restage.camera.camera_info import Intrinsics
from restage.camera.errors import SourceError
from restage.camera.frame import Frame

RATE_HZ = 30.0
KIND = 'synthetic'


class SyntheticSource:
    """
    A ``restage.scene.RoadScene``: frame i is the same picture for the same seed and size.

    :raises SourceError: when the weather or the size is not one the scene knows.
    """

    def __init__(self, *, seed: int, width: int, height: int, weather: str | None = None) -> None:
        # Imported here: rendering is not needed by whoever plays a file.
        from restage.scene import WEATHERS, RoadScene

        name = KIND if weather is None else f'{KIND}:{weather}'
        if weather is not None and weather not in WEATHERS:
            raise SourceError(
                f"source '{name}': there is no weather '{weather}'; accepted: '{KIND}' or "
                f"'{KIND}:' and one of {', '.join(WEATHERS)}"
            )
        try:
            self._scene = RoadScene(seed, width=width, height=height, weather=weather)
        except ValueError as error:
            raise SourceError(f"source '{name}': {error}") from None
        self._description = (
            f'synthetic road, {self._scene.weather}, {width} x {height}, seed {seed}'
        )

    @property
    def rate_hz(self) -> float:
        """30 frames a second, as a camera would give."""
        return RATE_HZ

    @property
    def description(self) -> str:
        """Weather, size and seed."""
        return self._description

    @property
    def intrinsics(self) -> Intrinsics | None:
        """None: nominal numbers are used."""
        return None

    def frames(self) -> Generator[Frame, None, None]:
        """Render frame after frame, for ever."""
        for index in itertools.count():
            yield Frame(index, self._scene.frame(index).image)

    def close(self) -> None:
        """Nothing is held."""
