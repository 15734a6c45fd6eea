# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a kind of fault is: its name, mechanism, moments and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from restage.faults.enums import When
from restage.faults.errors import FaultError, not_accepted
from restage.faults.parameters import ParameterSpec, Value


class Place(Enum):
    """Where a kind of fault acts; the value is the target it has unless the user says otherwise."""

    DETECTOR = 'primary'
    STREAM = 'fault_proxy'


@dataclass(frozen=True, kw_only=True)
class FaultKind:
    """
    One kind of fault.

    ``moments`` lists where in a stage it can take effect, the default first.
    ``needs_output``: it acts on the stage's output, so a stage that may output nothing (the
    last one, on an empty scene) is a poor place for it. ``needs_weights``: it acts on the
    weights of the model, and its ``tensor`` is one of them. ``needs_detections``: it acts on the
    detections, so it hits the stage that makes them. ``deadly``: the thread or the
    process does not come back, so its last event is ``FIRED``. ``urgent``: it may keep the process
    from telling of it later; what is deadly is urgent too.
    """

    name: str
    mechanism: str
    moments: tuple[When, ...]
    parameters: tuple[ParameterSpec, ...] = ()
    needs_output: bool = False
    needs_weights: bool = False
    needs_detections: bool = False
    deadly: bool = False
    urgent: bool = False
    place: Place = Place.DETECTOR

    @property
    def fault_class(self) -> str:
        """Return the class of the fault: the name up to its last dot."""
        return self.name.rpartition('.')[0]

    @property
    def may_be_silent(self) -> bool:
        """Return whether it may be seen in the output alone: that is then a result, no failure."""
        return self.fault_class not in ('timing', 'proc', 'nn.stage') and not self.name.endswith(
            '.nan'
        )

    @property
    def default_target(self) -> str:
        """Return whom it hits unless the user says otherwise."""
        return self.place.value

    @property
    def default_when(self) -> When:
        """Return where in a stage it takes effect unless the user says otherwise."""
        return self.moments[0]

    def spec(self, name: str) -> ParameterSpec:
        """
        Return the parameter called ``name``.

        :raises FaultError: when this kind has none of that name.
        """
        for spec in self.parameters:
            if spec.name == name:
                return spec
        accepted = (spec.name for spec in self.parameters)
        raise FaultError(not_accepted(f"parameter of '{self.name}'", name, accepted))

    def complete(self, values: Mapping[str, object]) -> dict[str, Value]:
        """
        Return ``values`` checked and typed, with the defaults of those not given.

        :raises FaultError: on an unknown name, a wrong type or a value out of range.
        """
        given = {name: self.spec(name).check(value) for name, value in values.items()}
        return {spec.name: given.get(spec.name, spec.default) for spec in self.parameters}
