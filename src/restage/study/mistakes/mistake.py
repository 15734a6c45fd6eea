# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A mistake of an application, and what it can use to make it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from restage.study.frameworks.framework import Framework, Image, Outputs, Session


@dataclass
class Scene:
    """
    An application at work: a warm session, pictures, a folder of models and one of its own.

    ``latency_s``: what an inference takes. ``session`` is what later inferences use: a mistake that
    takes it away puts another in its place. ``struck`` is called when what comes next is wrong:
    what was done before was the preparation.
    """

    framework: Framework
    session: Session
    images: Sequence[Image]
    models: Path
    own: Path
    threads: int
    latency_s: float
    rng: random.Random
    struck: Callable[[], None]

    @property
    def image(self) -> Image:
        """The picture whose detections are wanted."""
        return self.images[1]

    @property
    def next_image(self) -> Image:
        """The picture that the camera makes after it."""
        return self.images[2]

    def moment(self) -> float:
        """Return a random moment of an inference, in s from its begin."""
        return self.rng.random() * self.latency_s


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """
    A programming error.

    ``cwe``: its number in the Common Weakness Enumeration (cwe.mitre.org). ``make`` returns the
    outputs that the application gets for ``scene.image``, or raises what the framework raises.
    ``restage``: the fault of `restage inject` that does the same to a detection node, if any.
    """

    name: str
    cwe: int
    what: str
    snippet: str
    make: Callable[[Scene], Outputs]
    restage: str = ''
