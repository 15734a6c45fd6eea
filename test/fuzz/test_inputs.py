# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever is read is accepted, or refused with its one documented error and a message."""

from __future__ import annotations

import os
import runpy
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .changes import changed
from .target import ROOT, Target
from .targets import TARGETS

# Of fields one after the other: no bytes, all of which are 0, make no message that is accepted.
NO_SEEDS = ('image', 'fault_command')
EXAMPLES = int(os.environ.get('RESTAGE_FUZZ_EXAMPLES', '10'))


@st.composite
def damaged(draw, target: Target, seeds: list[bytes]) -> bytes:
    """Bytes of any kind, a good input cut or overwritten, or one changed in its form."""
    what = draw(st.integers(0, 3))
    if what == 0:
        return draw(st.binary(max_size=512))
    seed = draw(st.sampled_from(seeds))
    if what > 1 and target.form:
        found = changed(seed, target.form, Random(draw(st.integers(0, 2**32))))
        if found is not None:
            return found
    data = bytearray(seed)
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
    @given(damaged(target, target.seeds(tmp_path)))
    def check(data: bytes) -> None:
        target(data, tmp_path)

    check()


@pytest.mark.parametrize('name', TARGETS)
def test_a_seed_is_read(name, tmp_path) -> None:
    target = TARGETS[name]
    assert any(target(seed, tmp_path) for seed in target.seeds(tmp_path)) or name in NO_SEEDS


def test_the_tool_has_the_same_targets() -> None:
    tool = runpy.run_path(str(ROOT / 'tools/fuzz/__main__.py'), run_name='fuzz')
    assert set(tool['TARGETS']) == set(TARGETS)
