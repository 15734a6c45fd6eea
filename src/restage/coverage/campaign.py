# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Take every sequence of a campaign through the rig; what is in the journal is not run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from restage.coverage.fault_choice import choose_fault
from restage.coverage.frames import FrameSequence, sequences
from restage.coverage.journal import Journal
from restage.coverage.rig import Rig
from restage.coverage.settings import CoverageSettings
from restage.coverage.trial import CleanFrame, FaultTrial
from restage.faults.taxonomy import find_kind


def run_campaign(
    settings: CoverageSettings,
    rig: Callable[[], Rig],
    journal: Journal,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """
    Run what is missing in ``journal``.

    :param rig: makes a rig whose detectors have no memory of another sequence.
    :param told: hears of the frames done, and of all.
    """
    planned = list(plan(settings))
    total = sum(sequence.count for sequence, _ in planned)
    done = 0
    for sequence, faults in planned:
        if sequence.name not in journal.done:
            entries = list(run_sequence(settings, rig(), sequence, faults))
            journal.add(sequence.name, entries)
        done += sequence.count
        told(done, total)


def plan(settings: CoverageSettings) -> Iterator[tuple[FrameSequence, dict[int, range]]]:
    """Give each sequence with the numbers of the faults for each of its frames."""
    per_source = -(-settings.clean_frames // len(settings.sources))
    todo = [one for source in settings.sources for one in sequences(source, per_source)]
    frames = sum(sequence.count for sequence in todo)
    batches = -(-settings.faults // settings.per_frame)
    # Batch b strikes at frame floor((b + 1/2) frames / batches) of all.
    where: dict[int, list[int]] = {}
    for batch in range(batches):
        where.setdefault((2 * batch + 1) * frames // (2 * batches), []).append(batch)
    before = 0
    for sequence in todo:
        chosen = {}
        for number in range(sequence.count):
            found = where.get(before + number)
            if found:
                first, last = found[0] * settings.per_frame, (found[-1] + 1) * settings.per_frame
                chosen[number] = range(first, min(last, settings.faults))
        before += sequence.count
        yield sequence, chosen


def run_sequence(
    settings: CoverageSettings, rig: Rig, sequence: FrameSequence, faults: dict[int, range]
) -> Iterator[FaultTrial | CleanFrame]:
    """Give what became of each clean frame and of each fault."""
    kinds = [find_kind(name) for name in settings.kinds]
    for frame in sequence.frames():
        yield rig.clean(frame)
        for number in faults.get(frame.number, ()):
            trial = rig.inject(choose_fault(number, settings.seed, kinds))
            if trial is not None:
                yield trial
        rig.end()
