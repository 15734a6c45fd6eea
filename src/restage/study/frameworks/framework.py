# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the study asks of a framework: its own API behind a few verbs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from restage.study.memory import Memory

Image = NDArray[np.float32]
Outputs = list[NDArray[Any]]
Run = Callable[[], Outputs]

OUTPUT_NAMES = ('h3', 'h4', 'h5')
INPUT_NAME = 'x'
INPUT_SHAPE = (1, 3, 384, 640)


class NotPossible(Exception):  # noqa: N818 - no error: a finding
    """The API of a framework does not let a mistake be made; the message says why."""


class NotInstalled(Exception):  # noqa: N818 - no error: a finding
    """A framework, or the device it needs, is not on this machine; the message says what."""


@dataclass(frozen=True)
class Pending:
    """An inference under way: ``peek`` reads its outputs as they are now, ``wait`` ends it."""

    peek: Run
    wait: Run


class Session(ABC):
    """
    A loaded model, used as an application uses it.

    Images are float32 1 x 3 x 384 x 640 (BGR, 0 to 1). Outputs are the three levels of the head,
    float32 1 x 9 x H x W, copied out of the framework. A verb that the API does not have raises
    ``NotPossible`` with what ``refusals`` has for it; whatever else a verb raises is the own answer
    of the framework.
    """

    refusals: ClassVar[dict[str, str]] = {}

    @abstractmethod
    def infer(self, image: NDArray[Any]) -> Outputs:
        """Compute, by the usual way in and out."""

    def lend(self, image: NDArray[Any]) -> Run:
        """Hand over memory of the application without a copy; return what computes with it."""
        raise self._refusal('lend', image)

    def own_input(self, image: Image | None) -> tuple[Memory, Run]:
        """Fill the framework's own input memory (None: do not); return it and what computes."""
        raise self._refusal('own_input', image)

    def begin(self, image: Image) -> Pending:
        """Begin to compute into memory that the application can read meanwhile."""
        raise self._refusal('begin', image)

    @abstractmethod
    def live_outputs(self, image: Image) -> Outputs:
        """Compute, and return the outputs without a copy, where the API can."""

    def elsewhere(self, image: Image) -> Outputs:
        """Compute on, or with memory of, a device that is not there."""
        raise self._refusal('elsewhere', image)

    def use_closed(self, image: Image) -> Outputs:
        """Close or delete the session, then go on to use a handle of it."""
        raise self._refusal('use_closed', image)

    def _refusal(self, verb: str, _image: object) -> NotPossible:
        return NotPossible(self.refusals[verb])


@dataclass(frozen=True)
class SharedWeights:
    """
    A session whose weights lie in ``blocks`` of memory that is the application's.

    ``held``: how the framework keeps the application from giving it back too early, if it does.
    """

    session: Session
    blocks: tuple[Memory, ...]
    held: str = ''


class Framework(ABC):
    """
    A framework: how it is imported and what it loads.

    ``distribution``: the package to install; ``file``: what it loads of the folder of models, and
    what a damaged model file is made of. ``route``: the part of its API that is used.
    ``gpu``: it maps more address space than a process on the CPU is allowed.
    """

    name: str
    distribution: str
    file: str
    route: str
    copies: str = ''
    gpu: bool = False

    @abstractmethod
    def imports(self) -> None:
        """
        Import the framework.

        :raises NotInstalled: when it, or its device, is missing.
        """

    @abstractmethod
    def load(self, folder: Path, threads: int) -> Session:
        """Return a session for the model in ``folder``, from its file."""

    def load_shared(self, folder: Path, threads: int) -> SharedWeights:
        """
        Return a session that has the weights in memory of the application.

        :raises NotPossible: when it makes a copy of its own; ``copies`` says where.
        """
        raise self._refusal(folder, threads)

    def _refusal(self, *_arguments: object) -> NotPossible:
        return NotPossible(self.copies)
