# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Programming errors, made for real: a cell for each class of outcome."""

from __future__ import annotations

from dataclasses import replace

import pytest

from restage.study.campaign import Campaign, seed_of
from restage.study.journal import Journal
from restage.study.launch import Deadlines
from restage.study.mistakes import CONTROL, MISTAKES
from restage.study.record import TrialRecord
from restage.study.settings import StudySettings

# Far beyond what any of them takes on a busy machine.
PATIENT = Deadlines(mistake=60.0, later=60.0, exit=60.0)
# One deadline is for a hang that is expected, the other for a process that cannot end.
HANGS = replace(PATIENT, mistake=4.0)
CANNOT_END = replace(PATIENT, exit=2.0)


@pytest.fixture
def run(workshop, present, tmp_path):
    """Run one trial of a cell; return its record, or the reason why there is none."""

    def one(framework: str, mistake: str, deadlines: Deadlines = PATIENT) -> TrialRecord | str:
        settings = StudySettings(
            frameworks=(framework,), mistakes=(mistake,), trials=1, jobs=1, deadlines=deadlines
        )
        journal = Journal(tmp_path / 'journal', {})
        campaign = Campaign(settings, workshop.folder, journal, {framework: present(framework)})
        campaign.trials(lambda done, total: None)
        refused = journal.impossible.get((framework, mistake))
        return refused if refused else journal.trials[framework, mistake, 0]

    return one


def test_without_a_mistake_nothing_is_wrong(run):
    record = run('onnxruntime', CONTROL.name)
    assert (record.outcome, record.later, record.usable) == ('masked', 'right', True)
    assert record.difference['largest'] == 0.0
    assert min(record.start_ms.values()) > 0


def test_masked_padded_rows_are_copied_by_onnx_runtime(run):
    assert run('onnxruntime', 'wrong_stride').outcome == 'masked'


def test_clean_exception_a_wrong_shape_is_refused_by_onnx_runtime(run):
    record = run('onnxruntime', 'wrong_shape')
    assert record.outcome == 'clean_exception'
    assert record.error.startswith('InvalidArgument')
    assert record.known_after_ms > 0
    assert record.usable


def test_sdc_a_wrong_layout_is_seen_by_nobody(run):
    record = run('opencv', 'wrong_layout')
    assert record.outcome == 'sdc'
    assert record.difference['lost'] > 0
    assert record.usable


def test_sdc_that_is_not_finite_is_seen_by_the_detector_of_restage(run):
    record = run('onnxruntime', 'nan_input')
    assert record.outcome == 'sdc'
    assert record.difference['not_finite'] > 0
    assert record.seen == 'finite'


def test_crash_memory_is_freed_twice(run):
    record = run('opencv', 'double_free')
    assert record.outcome == 'crash'
    assert record.signal in (6, 11)
    assert not record.usable
    assert record.known_after_ms > 0


def test_hang_the_threads_of_pytorch_do_not_survive_a_fork(run):
    record = run('pytorch', 'fork_after_init', HANGS)
    assert record.outcome == 'hang'
    assert record.known_after_ms >= HANGS.mistake * 1e3


def test_a_forked_onnx_runtime_computes_and_may_be_unable_to_end(run):
    record = run('onnxruntime', 'fork_after_init', CANNOT_END)
    # A worker that slept on its condition at the fork is waited for at the end; one that was
    # still spinning is not. Which of the two the fork meets is the machine's choice.
    assert (record.outcome, record.later) in (
        ('delayed_failure', 'hang_at_exit'),
        ('masked', 'right'),
    )
    assert record.usable


def test_what_an_api_does_not_let_happen_is_not_possible(run):
    assert run('opencv', 'input_freed') == 'setInput copies the picture before it returns'


def test_every_error_has_a_number_a_snippet_and_words():
    assert len(MISTAKES) >= 14
    for name, mistake in MISTAKES.items():
        assert mistake.name == name
        assert mistake.cwe > 0
        assert len(mistake.what) > 20
        assert mistake.snippet.strip()


def test_faults_of_restage_that_are_named_exist():
    from restage.faults.taxonomy import find_kind

    for mistake in MISTAKES.values():
        if mistake.restage:
            assert find_kind(mistake.restage).name == mistake.restage


def test_seeds_differ_by_trial_and_are_the_same_again():
    seeds = {seed_of(1, 'pytorch', name, number) for name in MISTAKES for number in range(20)}
    assert len(seeds) == 20 * len(MISTAKES)
    assert seed_of(1, 'pytorch', 'leak', 0) == seed_of(1, 'pytorch', 'leak', 0)
    assert seed_of(1, 'pytorch', 'leak', 0) != seed_of(2, 'pytorch', 'leak', 0)


def test_a_trial_that_never_starts_is_told_and_does_not_count(workshop, present, tmp_path):
    golden = present('opencv').golden
    others = replace(present('opencv'), golden=[*golden[1:], golden[0]])  # none of its answers
    settings = StudySettings(frameworks=('opencv',), mistakes=('wrong_shape',), trials=1, jobs=1)
    journal = Journal(tmp_path / 'journal', {})
    campaign = Campaign(settings, workshop.folder, journal, {'opencv': others})
    campaign.trials(lambda done, total: None)
    assert journal.trials == {}
    assert campaign.not_run[0].startswith('opencv, wrong_shape, number 0: no start in 3 attempts')
