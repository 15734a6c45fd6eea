# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a plan file is, and that nothing else is taken for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restage.plan.file import OPTIONAL, REQUIRED, CheckpointPlan, load_plan
from restage.plan.result import PlanResult
from restage.plan.save import save_plan

STAGES = ('a', 'b', 'c')
DIGEST = '0123456789abcdef'
# Every example of a test writes to the same file.
SAME_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def valid(**changes: object) -> dict[str, Any]:
    data: dict[str, Any] = {
        'schema': 1,
        'digest': DIGEST,
        'stages': list(STAGES),
        'boundaries': ['image', 'b'],
        'stage_ms': [1.5, 2, 0.0],
    }
    return {**data, **changes}


def load(folder: Path, data: object, digest: str = DIGEST) -> CheckpointPlan:
    path = folder / 'plan.yaml'
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data))
    return load_plan(path, stages=STAGES, digest=digest)


def test_what_was_planned_is_loaded(tmp_path: Path, result: PlanResult) -> None:
    save_plan(result, tmp_path / 'plan.yaml')
    plan = load_plan(str(tmp_path / 'plan.yaml'), stages=STAGES, digest=DIGEST)
    assert plan == CheckpointPlan(('a', 'b'), (10.0, 10.0, 10.0), same_weights=True)
    data = yaml.safe_load((tmp_path / 'plan.yaml').read_text())
    assert set(data) == {*REQUIRED, *OPTIONAL}
    assert (data['worst_case_ms'], data['overhead_percent']) == (11.0, 10.0)
    assert data['machine']['cores'] >= 1


def test_a_plan_without_boundaries_is_one(tmp_path: Path) -> None:
    assert load(tmp_path, valid(boundaries=[])).boundaries == ()


def test_other_weights_of_the_same_network_are_accepted_and_told(tmp_path: Path) -> None:
    assert load(tmp_path, valid()).same_weights
    assert not load(tmp_path, valid(), digest='f' * 16).same_weights


@pytest.mark.parametrize('digest', ['1234567890123456', '12e4567890123456', '0' * 16])
def test_a_digest_that_looks_like_a_number_stays_text(tmp_path: Path, digest: str) -> None:
    assert load(tmp_path, valid(digest=digest), digest).same_weights


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'schema': 2}, r'schema: 2 \(int\); accepted: 1'),
        ({'schema': True}, r'schema: True \(bool\); accepted: 1'),
        ({'schema': '1'}, r"schema: '1' \(str\); accepted: 1"),
        (
            {'stages': ['a', 'b']},
            r"stages: \['a', 'b'\] .*; accepted: those of this model, a, b, c",
        ),
        ({'stages': ['b', 'a', 'c']}, 'those of this model'),
        ({'stages': 'a'}, r"stages: 'a' \(str\); accepted: a list of names"),
        ({'boundaries': ['a', 'd']}, r'boundaries: .*; accepted: each once, of image, a, b, c'),
        ({'boundaries': ['a', 'a']}, 'each once'),
        ({'boundaries': [1]}, 'boundaries: .* a list of names'),
        ({'boundaries': None}, r'boundaries: None \(NoneType\); accepted: a list of names'),
        ({'stage_ms': [1, 2]}, 'stage_ms: .* a list of 3 numbers of at least 0'),
        ({'stage_ms': [1, 2, -1]}, 'stage_ms: '),
        ({'stage_ms': [1, 2, True]}, 'stage_ms: '),
        ({'stage_ms': [1, 2, float('nan')]}, 'stage_ms: '),
        ({'stage_ms': [1, 2, float('inf')]}, 'stage_ms: '),
        ({'stage_ms': [1, 2, 10**400]}, 'an integer of 1329 bits'),
        ({'digest': 7}, r'digest: 7 \(int\); accepted: a string'),
        ({'boundary': ['a']}, r"key: 'boundary' \(str\); accepted: schema, digest, stages"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_accepted(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        load(tmp_path, valid(**changes))
    assert str(tmp_path / 'plan.yaml') in str(caught.value)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('key', REQUIRED)
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    data = valid()
    del data[key]
    with pytest.raises(ValueError, match=f'the key {key} is missing'):
        load(tmp_path, data)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', r'the document: None \(NoneType\); accepted: a mapping'),
        ('- a', r"the document: \['a'\] \(list\)"),
        ('a: [', 'not YAML: while parsing'),
        ('a: !!python/object:os.system x', 'not YAML: could not determine a constructor'),
        ('a: !!int ""', 'not YAML: '),
        ('a: !!timestamp x', 'not YAML: '),
        ('a: 2026-99-99', 'not YAML: '),
        ('[' * 2000, 'not YAML: '),
        (f'? 0x{"f" * 9999}\n: 1', 'an integer of 39996 bits'),
        ('schema: &a [*a, *a]', 'nested deeper than'),
        ('&a [*a]', 'nested deeper than'),
    ],
    ids=range(11),
)
def test_another_document_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(tmp_path, text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r'none\.yaml: cannot be read: No such file'):
        load_plan(tmp_path / 'none.yaml', stages=STAGES, digest=DIGEST)
    with pytest.raises(ValueError, match='cannot be read: Is a directory'):
        load_plan(tmp_path, stages=STAGES, digest=DIGEST)
    (tmp_path / 'latin').write_bytes(b'schema: \xe4')
    with pytest.raises(ValueError, match=r'not UTF-8: .* at byte 8'):
        load_plan(tmp_path / 'latin', stages=STAGES, digest=DIGEST)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates()
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SCALARS, inner, max_size=4),
    max_leaves=12,
)
NEARLY = st.fixed_dictionaries({}, optional=dict.fromkeys((*REQUIRED, *OPTIONAL), DATA)).map(
    lambda changes: valid(**changes)
)
WORDS = st.sampled_from(
    [*'[]{}:,-&*!|>%@\'"#? \n\t', '!!int ', '!!float ', '!!set ', '!!timestamp ', '!!binary ',
     '!!omap ', '!!pairs ', '<<: ', '*a', '&a ', '0x', '1:60', '.nan', '2026-01-01', 'schema: 1\n',
     'stages: ', 'a', '---\n', '...\n', '_', '=']
)  # fmt: skip


@SAME_FOLDER
@given(st.one_of(DATA.map(yaml.safe_dump), NEARLY.map(yaml.safe_dump)))
def test_any_document_is_a_plan_or_a_value_error(tmp_path: Path, text: str) -> None:
    try:
        plan = load(tmp_path, text)
    except ValueError as error:
        assert str(error).startswith(str(tmp_path))
    else:
        assert set(plan.boundaries) <= {'image', *STAGES}
        assert len(plan.stage_ms) == len(STAGES)


@SAME_FOLDER
@given(st.one_of(st.lists(WORDS, max_size=12).map(''.join), st.text(max_size=40)))
def test_any_text_is_a_value_error(tmp_path: Path, text: str) -> None:
    (tmp_path / 'plan.yaml').write_bytes(text.encode('utf-8', 'surrogatepass'))
    with pytest.raises(ValueError):
        load_plan(tmp_path / 'plan.yaml', stages=STAGES, digest=DIGEST)


@SAME_FOLDER
@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / 'plan.yaml').write_bytes(data)
    with pytest.raises(ValueError):
        load_plan(tmp_path / 'plan.yaml', stages=STAGES, digest=DIGEST)
