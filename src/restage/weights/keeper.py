# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the frame engine needs of who looks after the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from restage.weights.guard import WeightFault

# The name under which damaged weights are reported.
WEIGHTS = 'weight_checksum'
# And under which it is reported that clean ones cannot be had.
NO_CLEAN_WEIGHTS = 'no_clean_weights'


class WeightKeeper(Protocol):
    """Looks after the weights of the model that runs."""

    def check_all(self) -> WeightFault | None:
        """Check every weight; return what is wrong."""

    def reload(self) -> object:
        """
        Bring clean weights back, in place.

        :raises WeightsError: when there are none.
        """

    def reload_model(self) -> None:
        """
        Load the whole model anew from its file and warm it up.

        :raises WeightsError: when it cannot be loaded, or has changed.
        """
