# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Scenarios: which faults happen when, and what is expected of the system."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from restage.faults.command import Fault
from restage.faults.enums import Persistence, When
from restage.faults.kind import Place
from restage.faults.parameters import Value
from restage.faults.taxonomy import find_kind

OUTCOMES = ('recovered', 'masked', 'sdc', 'frame_lost', 'rejected', 'not_fired')
TIERS = ('none', 'retry_stage', 'reload_weights', 'failover', 'restart', 'degraded')


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """The fault happens ``times`` times in all, ``every_s`` seconds apart."""

    every_s: float
    times: int


@dataclass(frozen=True, kw_only=True)
class Expect:
    """
    What is expected of the recovery; ``None`` or empty: nothing in particular.

    ``tier`` is one of :data:`TIERS`; ``none`` expects that no recovery is needed. ``outcome`` is
    one of :data:`OUTCOMES`: ``masked`` is a fault without effect on the output, ``sdc`` one whose
    wrong output nobody noticed, ``frame_lost`` one whose frame never came out.
    """

    tier: str = ''
    outcome: str = ''
    recovers_within_ms: float | None = None
    frames_lost_at_most: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedFault:
    """One entry of a scenario; ``at_s`` counts from the first detections."""

    at_s: float
    kind: str
    when: When
    target: str = 'primary'
    stage: str = ''
    persistence: Persistence = Persistence.TRANSIENT
    after_frames: int = 0
    probability: float = 1.0
    duration_s: float = 0.0
    parameters: dict[str, Value] = field(default_factory=dict)
    repeat: Repeat | None = None
    expect: Expect | None = None

    def fault(self, fault_id: str, seed: int) -> Fault:
        """
        Return one happening of this entry.

        :raises FaultError: when a field is not acceptable.
        """
        return Fault(
            id=fault_id,
            kind=self.kind,
            target=self.target,
            stage=self.stage,
            when=self.when,
            persistence=self.persistence,
            after_frames=self.after_frames,
            probability=self.probability,
            duration_s=self.duration_s,
            seed=seed,
            parameters=dict(self.parameters),
        )


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A named list of faults on a time line; the same seed gives the same faults."""

    name: str
    description: str = ''
    seed: int = 0
    faults: tuple[PlannedFault, ...] = ()

    @property
    def needs_proxy(self) -> bool:
        """Whether some of its faults act on the images on their way to the detectors."""
        return any(find_kind(planned.kind).place is Place.STREAM for planned in self.faults)

    def schedule(self, run: int = 1) -> list[tuple[float, Fault]]:
        """
        Return every fault with its time (s after the first detections), in order of time.

        Ids read ``NAME/ENTRY`` or ``NAME/ENTRY.REPEAT``, counted from 1. A target accepts an
        id once: a second ``run`` in the same system has ids, though no seeds, of its own.
        """
        prefix = self.name if run == 1 else f'{self.name}#{run}'
        plan = []
        for entry, planned in enumerate(self.faults, start=1):
            repeat = planned.repeat or Repeat(every_s=0.0, times=1)
            for turn in range(repeat.times):
                suffix = f'.{turn + 1}' if planned.repeat else ''
                fault = planned.fault(
                    f'{prefix}/{entry}{suffix}', derived_seed(self.seed, entry, turn)
                )
                plan.append((planned.at_s + turn * repeat.every_s, fault))
        return sorted(plan, key=lambda item: item[0])

    def expectations(self) -> dict[str, Expect]:
        """Return what is expected, by the id of the fault in the first run."""
        expected: dict[str, Expect] = {}
        for _, fault in self.schedule():
            entry = int(fault.id.rpartition('/')[2].partition('.')[0])
            expect = self.faults[entry - 1].expect
            if expect is not None:
                expected[fault.id] = expect
        return expected


def derived_seed(seed: int, entry: int, turn: int) -> int:
    """Return the seed (uint64) of one happening, independent of its neighbours'."""
    digest = hashlib.sha256(f'{seed}/{entry}/{turn}'.encode()).digest()
    return int.from_bytes(digest[:8], 'big')
