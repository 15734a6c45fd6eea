# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every kind of fault that this release can inject, its mechanism and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from restage.faults.enums import When
from restage.faults.errors import FaultError, not_accepted
from restage.faults.parameters import ParameterSpec, Value

ANYWHERE = (When.DURING, When.BEFORE, When.AFTER)


@dataclass(frozen=True, kw_only=True)
class FaultKind:
    """
    One kind of fault.

    ``moments`` lists where in a stage it can take effect, the default first.
    ``needs_output``: it acts on the stage's output, so a stage that may output nothing (the
    last one, on an empty scene) is a poor place for it.
    """

    name: str
    mechanism: str
    moments: tuple[When, ...]
    parameters: tuple[ParameterSpec, ...] = ()
    needs_output: bool = False

    @property
    def fault_class(self) -> str:
        """Return the class of the fault: the name up to its last dot."""
        return self.name.rpartition('.')[0]

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


KINDS: tuple[FaultKind, ...] = (
    FaultKind(
        name='nn.neuron.nan',
        mechanism='writes NaN into elements of the live stage output',
        moments=(When.AFTER,),
        needs_output=True,
        parameters=(
            ParameterSpec(
                name='count',
                value_type=int,
                default=1,
                low=1,
                high=1_000_000,
                help_text='elements to overwrite, chosen with the seed',
            ),
        ),
    ),
    FaultKind(
        name='nn.neuron.bit_flip',
        mechanism='flips exactly one bit (IEEE 754) of one element of the live stage output',
        moments=(When.AFTER,),
        needs_output=True,
        parameters=(
            ParameterSpec(
                name='bit',
                value_type=int,
                default=-1,
                low=-1,
                high=63,
                help_text='0 is the lowest; -1: chosen with the seed',
            ),
            ParameterSpec(
                name='element',
                value_type=int,
                default=-1,
                low=-1,
                high=2**31 - 1,
                help_text='flat row-major index; -1: chosen with the seed',
            ),
            ParameterSpec(
                name='tensor',
                value_type=str,
                default='',
                help_text='name of the output tensor; empty: chosen with the seed',
            ),
        ),
    ),
    FaultKind(
        name='nn.stage.exception',
        mechanism='hands the stage one input of a wrong shape, so that the framework raises',
        moments=(When.BEFORE,),
    ),
    FaultKind(
        name='timing.delay',
        mechanism='stalls the inference thread inside the stage',
        moments=ANYWHERE,
        parameters=(
            ParameterSpec(
                name='delay_ms',
                value_type=float,
                default=15.0,
                low=0.0,
                high=600_000.0,
                unit='ms',
                help_text='length of the stall',
            ),
            ParameterSpec(
                name='mode',
                value_type=str,
                default='busy',
                choices=('busy', 'sleep'),
                help_text='busy: native computation uses the core; sleep: the core is free',
            ),
        ),
    ),
    FaultKind(
        name='proc.kill',
        mechanism='SIGKILL to the own process in the middle of the stage',
        moments=ANYWHERE,
        parameters=(
            ParameterSpec(
                name='after_ms',
                value_type=float,
                default=-1.0,
                low=-1.0,
                high=600_000.0,
                unit='ms',
                help_text='from the start of the stage (its end at the latest); negative: half '
                'of its last duration; only with when=during',
            ),
        ),
    ),
)


def find_kind(name: str) -> FaultKind:
    """
    Return the kind called ``name``.

    :raises FaultError: when there is none; names the nearest and all there are.
    """
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise FaultError(not_accepted('fault kind', name, (kind.name for kind in KINDS)))
