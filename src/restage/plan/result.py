# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One plan: what was measured, what is possible, and what was chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from restage.checkpoint.boundaries import IMAGE
from restage.plan.choice import Choice, judge
from restage.plan.optimise import best, trade_off
from restage.plan.profile import Profile
from restage.plan.samples import Samples


@dataclass(frozen=True, kw_only=True)
class PlanResult:
    """
    The plan for ``model`` (with its weights' ``digest``) by the costs in ``samples``.

    ``cap_percent``: most that checkpoints may cost, of a frame's time without them.
    ``store_image``: whether the image has to be among the boundaries. ``bit_identical``: whether
    the stages make the bits that the uncut network makes; None: there is no such.
    """

    model: str
    digest: str
    samples: Samples
    cap_percent: float
    store_image: bool = False
    bit_identical: bool | None = None

    @cached_property
    def profile(self) -> Profile:
        """The costs it is reckoned with."""
        return self.samples.profile()

    @cached_property
    def front(self) -> tuple[Choice, ...]:
        """Every choice that no other beats, the cheapest first."""
        return trade_off(self.profile, store_image=self.store_image)

    @cached_property
    def choice(self) -> Choice:
        """The best one under the cap; no boundaries where none is."""
        cap_ns = self.profile.compute_ns * self.cap_percent / 100
        return best(self.front, cap_ns) or self.none

    @cached_property
    def none(self) -> Choice:
        """No checkpoints: every error costs the frame from its start."""
        return judge(self.profile, ())

    @cached_property
    def all(self) -> Choice:
        """A checkpoint at every boundary, the image and the detections too."""
        return judge(self.profile, range(IMAGE, len(self.samples.stages)))

    def names(self, boundaries: Iterable[int]) -> list[str]:
        """Return the names of ``boundaries``."""
        return [self.samples.boundaries[boundary + 1] for boundary in boundaries]

    def overhead_percent(self, choice: Choice) -> float:
        """Return what ``choice`` costs, of a frame's time without checkpoints."""
        return 100 * choice.write_ns / max(self.profile.compute_ns, 1)

    def cheapest_percent(self) -> float | None:
        """Return the least cap that allows a checkpoint at all; None where none helps."""
        costs = [self.overhead_percent(one) for one in self.front if one.boundaries]
        return min(costs, default=None)
