# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A live run with a fault is recorded; its report from the recording is the live one."""

from __future__ import annotations

import json

import pytest

from restage.cli import main
from restage.recording.reader import Recording

pytestmark = pytest.mark.e2e

SCENARIO = """
schema: 1
name: once
faults:
  - {at_s: 0.5, kind: nn.neuron.nan, stage: 71%}
"""
# Measured at another subscriber, or about the report itself.
OWN = ('camera_to_detections_ms', 'recording', 'machine')


def test_the_report_of_a_recording_is_that_of_the_run(tmp_path, capsys) -> None:
    (tmp_path / 'once.yaml').write_text(SCENARIO)
    bag = tmp_path / 'bag'
    # The verdict is not looked at: a busy machine may be late or lose a frame.
    live = main(
        ['demo', '--scenario', str(tmp_path / 'once.yaml'), '--frames', '60', '--record', str(bag),
         '--record-images', 'raw', '--report', str(tmp_path / 'live')]
    )  # fmt: skip
    assert live in (0, 1)
    recording = Recording(bag)
    assert recording.summary()['ended']
    capsys.readouterr()
    again = main(['report', str(bag), '--report', str(tmp_path / 'again')])
    first, second = (
        json.loads((tmp_path / name / 'demo.json').read_text()) for name in ('live', 'again')
    )
    gaps = {**second['recording']['missing'], **second['recording']['dropped']}
    if gaps:
        said = capsys.readouterr().out
        assert all(topic in said for topic in gaps)
        pytest.skip(f'this machine was too busy to record everything: {gaps}')
    assert again == live
    assert second['frames']['compared'] == len(second['camera_to_detections_ms']['samples']) > 0
    for key in {*first, *second} - set(OWN):
        assert first[key] == second[key], key
