# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever is read is accepted, or refused with its one documented error and a message."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .targets import TARGETS

EXAMPLES = int(os.environ.get('RESTAGE_FUZZ_EXAMPLES', '25'))


@st.composite
def damaged(draw, seeds: list[bytes]) -> bytes:
    """Bytes of any kind, or a good input cut, overwritten, or with something put in."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=512))
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(data)))
        new = draw(st.binary(max_size=8))
        end = place + (len(new) if draw(st.booleans()) else draw(st.integers(0, 64)))
        data[place:end] = new
    return bytes(data)


@pytest.mark.parametrize('name', TARGETS)
def test_any_input_is_accepted_or_refused_clearly(name, tmp_path) -> None:
    target = TARGETS[name]

    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(damaged(target.seeds(tmp_path)))
    def check(data: bytes) -> None:
        target(data, tmp_path)

    check()


@pytest.mark.parametrize('name', ['scenario', 'trace', 'plan', 'calibration', 'onnx', 'pt2', 'bag'])
def test_the_seeds_are_read(name, tmp_path) -> None:
    target = TARGETS[name]
    read = [target(seed, tmp_path) for seed in target.seeds(tmp_path)]
    # That of the calibration is of other weights, as it should be.
    assert all(read) or name == 'calibration'
