# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Files of text: scenarios, plans, calibrations, journals."""

from __future__ import annotations

import json
from pathlib import Path

from restage.coverage.errors import CoverageError
from restage.coverage.journal import Journal as CoverageJournal
from restage.coverage.trial import CleanFrame, FaultTrial
from restage.detect.calibration import Calibration, CalibrationError, load_calibration
from restage.detector.errors import ModelError
from restage.faults.command import Fault
from restage.faults.enums import FaultState
from restage.faults.errors import FaultError
from restage.faults.record import FaultRecord
from restage.faults.scenario_file import load_scenario
from restage.faults.taxonomy import find_kind
from restage.faults.trace import TraceWriter, read_trace
from restage.models.description import load_description
from restage.plan.errors import PlanError
from restage.plan.file import load_plan
from restage.recording.errors import RecordingError
from restage.recording.run_description import completed
from restage.sampling.errors import SamplingError
from restage.sampling.journal import Journal as SampleJournal
from restage.sampling.journal import Outcome, columns
from restage.study.errors import StudyError
from restage.study.events import FILE, EventReader, EventWriter
from restage.study.journal import Journal as StudyJournal
from restage.study.record import START_PHASES, TrialRecord, answer_of
from restage.study.tiers import BENCH, measured

from .target import ROOT, Target, file

ABOUT = {'seed': 1, 'kinds': ['a']}


def _all(folder: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / folder).glob('*.yaml'))]


def _plans(_folder: Path) -> list[bytes]:
    return [b'schema: 1\ndigest: ab\nstages: [a, b]\nboundaries: [a]\nstage_ms: [1.0, 2.0]\n']


def _calibrations(folder: Path) -> list[bytes]:
    path = folder / 'seed.json'
    limits = {'appears': 0.5, 'vanishes': 0.5}
    ranges = {'stem.0': (-1.0, 1.0), 'head': (0.0, 2.5)}
    Calibration(digest='ab', frames=3, source='road', ranges=ranges, plausibility=limits).save(path)
    return [path.read_bytes()]


def _traces(folder: Path) -> list[bytes]:
    path = folder / 'seed.jsonl'
    writer = TraceWriter(path)
    kind = find_kind('nn.neuron.bit_flip')
    writer.commanded(Fault(id='a', kind=kind.name, when=kind.default_when))
    writer.fired(FaultRecord(id='a', kind=kind.name, state=FaultState.FIRED, stage='neck'))
    return [path.read_bytes()]


def _coverage(path: Path) -> object:
    journal = CoverageJournal(path, ABOUT)
    return [one.critical for one in journal.trials], [one.alarms for one in journal.frames]


def _coverage_seeds(folder: Path) -> list[bytes]:
    path = folder / 'seed-coverage'
    path.unlink(missing_ok=True)
    trial = FaultTrial(
        number=1, sequence='s', frame=2, kind='k', persistence='p', stage='neck', detail='',
        changed=True, outcome='sdc', lost=1, alarms={'range': 1.5}, seen_in={'range': 'neck'},
        detections=[[1.0] * 6],
    )  # fmt: skip
    frame = CleanFrame(sequence='s', frame=2, detections=[[1.0] * 6], truth=[[1.0] * 6])
    CoverageJournal(path, ABOUT).add('s', [trial, frame])
    return [path.read_bytes()]


def _sample(path: Path) -> object:
    return columns(list(SampleJournal(path, ABOUT).outcomes.values()))


def _sample_seeds(folder: Path) -> list[bytes]:
    path = folder / 'seed-sample'
    path.unlink(missing_ok=True)
    found = [(number, Outcome({'loss': 0.5, 'flips': 1.0}, 0.1)) for number in (3, 5)]
    SampleJournal(path, ABOUT).add(found)
    return [path.read_bytes()]


def _study(path: Path) -> object:
    journal = StudyJournal(path, ABOUT)
    journal.check({'pytorch': '1'})
    return [one.as_data() for one in journal.trials.values()]


def _study_seeds(folder: Path) -> list[bytes]:
    path = folder / 'seed-study'
    path.unlink(missing_ok=True)
    journal = StudyJournal(path, ABOUT)
    journal.add(
        TrialRecord(
            framework='pytorch', version='1', mistake='leak', number=1, seed=2, outcome='sdc',
            later='', usable=True, signal=None, code=0, error='', said='',
            difference={'largest': 1.0}, seen='finite', known_after_ms=None,
            start_ms=dict.fromkeys(START_PHASES, 1.0), left=0,
        )
    )  # fmt: skip
    journal.refuse('opencv', 'leak', 'why')
    return [path.read_bytes()]


def _events(data: bytes, folder: Path) -> object:
    """Read what a trial told; it has no error: what is no event is passed over."""
    import numpy as np

    (folder / FILE).write_bytes(data)
    (folder / 'first.bin').write_bytes(bytes(42))
    reader = EventReader(folder)
    reader.poll()
    return answer_of(reader, 'first', [np.zeros((2, 3), np.float32)])


def _events_seeds(folder: Path) -> list[bytes]:
    import numpy as np

    place = folder / 'seed-events'
    place.mkdir(exist_ok=True)
    writer = EventWriter(place)
    writer.tell('began')
    writer.answer('first', [np.zeros((2, 3), np.float32)])
    writer.error('exception', ValueError('why'))
    return [(place / FILE).read_bytes()]


def _bench(path: Path) -> object:
    return measured(path.parent)


def _bench_seeds(_folder: Path) -> list[bytes]:
    whole = json.loads((ROOT / 'docs/results' / BENCH).read_text())
    keys = ('n', 'p50_ms', 'max_ms')
    arms = {
        arm: {fault: {key: cell[key] for key in keys} for fault, cell in cells.items()}
        for arm, cells in whole['arms'].items()
    }
    return [json.dumps({'schema': 1, 'arms': arms}).encode()]


def _run(data: bytes, _folder: Path) -> object:
    return completed(data.decode('utf-8', 'replace'))


def _runs(_folder: Path) -> list[bytes]:
    return [b'{"scenario": "kill.yaml", "model": "bundled", "seed": 3, "source": "road"}']


TARGETS = {
    'scenario': Target(
        file('s.yaml', load_scenario), (FaultError,), lambda _: _all('config/scenarios'), 'yaml'
    ),
    'trace': Target(file('t.jsonl', read_trace), (FaultError,), _traces, 'lines'),
    'plan': Target(
        file('p.yaml', lambda path: load_plan(path, stages=('a', 'b'), digest='ab')),
        (PlanError,),
        _plans,
        'yaml',
    ),
    'description': Target(
        file('d.yaml', lambda path: load_description(path, Path('m.onnx'))),
        (ModelError,),
        lambda _: _all('config/models'),
        'yaml',
    ),
    'calibration': Target(
        file('c.json', lambda path: load_calibration(path, 'ab')),
        (CalibrationError,),
        _calibrations,
        'json',
    ),
    'coverage_journal': Target(
        file('coverage', _coverage), (CoverageError,), _coverage_seeds, 'lines'
    ),
    'sample_journal': Target(file('sample', _sample), (SamplingError,), _sample_seeds, 'lines'),
    'study_journal': Target(file('study', _study), (StudyError,), _study_seeds, 'lines'),
    'study_events': Target(_events, (), _events_seeds, 'lines'),
    'bench_results': Target(file(BENCH, _bench), (StudyError,), _bench_seeds, 'json'),
    'run_description': Target(_run, (RecordingError,), _runs, 'json'),
}
