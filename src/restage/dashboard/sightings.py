# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the dashboard hears, as its own types; times are ns on CLOCK_MONOTONIC."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from restage.diagnosis.status import Level
from restage.faults.enums import FaultState
from restage.recovery.case import Outcome


class Role(IntEnum):
    """The roles of restage_msgs/Heartbeat."""

    NONE = 0
    PRIMARY = 1
    STANDBY = 2


@dataclass(frozen=True, kw_only=True)
class Beat:
    """A detection node's heartbeat; ``state`` is a lifecycle_msgs/State id."""

    node: str
    pid: int
    role: Role
    state: int
    epoch: int
    frames_in: int
    frames_out: int
    frames_dropped: int


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """One status of one node; ``part`` is what comes after the node's name."""

    node: str
    part: str
    health: Level
    message: str
    values: dict[str, str]


class Step(IntEnum):
    """The states of restage_msgs/StageStatus; those of the engine come with PyTorch."""

    STARTED = 0
    DONE = 1
    ERROR = 2
    RESUMED = 3
    PUBLISHED = 4
    DROPPED = 5


@dataclass(frozen=True, kw_only=True)
class StageMark:
    """One step of one frame, which ``key`` names; ``at_ns``: when it ended."""

    key: int
    node: str
    step: Step
    at_ns: int
    stage: str = ''
    index: int = 0
    attempt: int = 0
    duration_ns: int = 0
    detector: str = ''
    error: str = ''
    restored_ns: int = 0


@dataclass(frozen=True, kw_only=True)
class FaultNews:
    """What became of a fault that was to be injected."""

    id: str
    kind: str
    node: str
    step: FaultState
    stage: str
    detail: str
    at_ns: int


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """One recovery, as the recovery node tells it; a time of 0 is not known."""

    number: int
    fault_id: str
    fault_kind: str
    node: str
    recovered_by: str
    stage: str
    detector: str
    error: str
    tier: str
    tiers: tuple[str, ...]
    outcome: Outcome
    frames_lost: int
    injected_ns: int
    detected_ns: int
    decided_ns: int
    restored_ns: int
    resumed_ns: int
    first_good_output_ns: int


@dataclass(frozen=True, kw_only=True)
class Box:
    """One detection, in pixels of the image."""

    x1: float
    y1: float
    x2: float
    y2: float
    score: float
    class_id: str
