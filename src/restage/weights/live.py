# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The model that runs: its weights watched, brought back, or the whole of it loaded anew."""

from __future__ import annotations

from collections.abc import Callable

from restage.stages.model import StagedModel
from restage.stages.runner import StageError
from restage.weights.errors import WeightsError
from restage.weights.guard import WeightFault, WeightGuard


class LiveModel:
    """Implements ``restage.weights.keeper.WeightKeeper``."""

    def __init__(
        self,
        guard: WeightGuard,
        digest: str,
        load: Callable[[], StagedModel],
        use: Callable[[StagedModel], None],
    ) -> None:
        """
        Look after a model with ``digest``.

        ``load`` reads it anew; ``use`` lets the engine run the one just loaded and warms it up.
        """
        self.guard = guard
        self._digest = digest
        self._load = load
        self._use = use

    def check_all(self) -> WeightFault | None:
        """Check every weight; return what is wrong."""
        return self.guard.check_all()

    def reload(self) -> tuple[str, ...]:
        """
        Bring clean weights back, in place; return the names of those that were damaged.

        :raises WeightsError: when there are none.
        """
        return self.guard.reload()

    def reload_model(self) -> None:
        """
        Load the whole model anew from its file and warm it up.

        :raises WeightsError: when it cannot be loaded, or has changed.
        """
        try:
            model = self._load()
        except (ValueError, OSError) as error:
            raise WeightsError(f'the model cannot be loaded: {error}') from None
        if model.digest() != self._digest:
            raise WeightsError("the model's file has changed since the node was configured")
        self.guard.adopt(model)
        try:
            self._use(model)
        except StageError as error:
            raise WeightsError(f'the model that was loaded anew does not run: {error}') from None
