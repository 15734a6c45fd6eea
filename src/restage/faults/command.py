# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One fault to inject: what, where, when, how often."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from restage.faults.enums import Persistence, When
from restage.faults.errors import FaultError
from restage.faults.parameters import Value
from restage.faults.taxonomy import find_kind

TARGET = re.compile(r'/?[A-Za-z]\w*(/[A-Za-z]\w*)*', re.ASCII)
STAGE = re.compile(r'[\w.\-]*|(100|\d{1,2})%', re.ASCII)
LONGEST_ID = 128
LONGEST_S = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Fault:
    """
    One fault to inject.

    ``target`` is ``primary``, ``standby`` or a node name; ``stage`` may be empty: the target
    picks one with the seed. ``after_frames`` whole frames pass before it may fire; then it
    fires on a frame with ``probability`` (above 0, at most 1). ``duration_s`` after it was armed it
    is cleared (0: never). ``frame_ns``: it fires on the frame with that header stamp only (0: on
    any). ``firing``: its first firing chooses as firing ``firing`` of this seed would.
    ``parameters`` are checked against the taxonomy, and those not given have their defaults.

    :raises FaultError: on any field that is not acceptable.
    """

    id: str
    kind: str
    when: When
    target: str = 'primary'
    stage: str = ''
    persistence: Persistence = Persistence.TRANSIENT
    after_frames: int = 0
    probability: float = 1.0
    seed: int = 0
    duration_s: float = 0.0
    frame_ns: int = 0
    firing: int = 0
    parameters: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check every field and complete the parameters."""
        kind = find_kind(self.kind)
        if not 0 < len(self.id) <= LONGEST_ID:
            raise FaultError(f"'id' has {len(self.id)} characters; accepted: 1..{LONGEST_ID}")
        if not TARGET.fullmatch(self.target):
            raise FaultError(
                f"'target' is '{self.target}'; accepted: primary, standby or a node name"
            )
        if not STAGE.fullmatch(self.stage):
            raise FaultError(
                f"'stage' is '{self.stage}'; accepted: a stage name, or nothing for any stage"
            )
        if self.when not in kind.moments:
            accepted = ', '.join(moment.name.lower() for moment in kind.moments)
            raise FaultError(
                f"'when' of '{self.kind}' is '{self.when.name.lower()}'; accepted: {accepted}"
            )
        if not 0.0 < self.probability <= 1.0:
            raise FaultError(f"'probability' is {self.probability!r}; accepted: above 0, at most 1")
        if not 0.0 <= self.duration_s <= LONGEST_S:
            raise FaultError(f"'duration_s' is {self.duration_s!r}; accepted: 0..{LONGEST_S:g}")
        _check_integer('frame_ns', self.frame_ns, bits=63)
        _check_integer('firing', self.firing, bits=32)
        _check_integer('after_frames', self.after_frames, bits=32)
        _check_integer('seed', self.seed, bits=64)
        object.__setattr__(self, 'parameters', kind.complete(self.parameters))


def _check_integer(name: str, value: int, *, bits: int) -> None:
    if type(value) is not int or not 0 <= value < 2**bits:
        raise FaultError(f"'{name}' is {value!r}; accepted: integer 0..2^{bits} - 1")
