# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import argparse
import json

import pytest

from restage.commands import train


def parse(*words):
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    return parser.parse_args(words)


def test_quick_training_writes_weights_and_metrics(tmp_path):
    out, metrics = tmp_path / 'm.safetensors', tmp_path / 'm.json'
    assert train.run(parse('--quick', '--out', str(out), '--json', str(metrics))) == 0
    assert out.stat().st_size > 1_000_000
    record = json.loads(metrics.read_text())
    assert record['schema'] == 'restage.train/1'
    assert set(record['held_out']['per_class']) == {
        'car',
        'truck',
        'pedestrian',
        'cyclist',
        'traffic sign',
    }


@pytest.mark.parametrize('words', [('--epochs', '0'), ('--frames', '0'), ('--seed', '-1')])
def test_bad_numbers(tmp_path, words):
    assert train.run(parse('--out', str(tmp_path / 'm'), *words)) == 2


def test_missing_folder(tmp_path):
    assert train.run(parse('--out', str(tmp_path / 'none' / 'm'))) == 2
