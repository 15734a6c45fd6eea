# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every command, snippet and name of the documentation is held against what there is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from doccheck.check import problems, problems_of
from doccheck.files import Files
from doccheck.pages import ROOT, Block, blocks, pages
from doccheck.programs import check_command
from doccheck.shell import commands
from doccheck.snippets import check_python, check_yaml
from doccheck.wrong import WrongError

from restage.cli import COMMANDS, main

PAGES = pages()
# Usage lines, and mistakes that are not to be made.
SHOWS_OTHERS = ('docs/reference/commands.md', 'docs/study.md')


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_all_that_a_page_shows_is_so(page: Path) -> None:
    assert list(problems(page)) == []


def test_nothing_escapes() -> None:
    shown = [block for page in PAGES for block in blocks(page)]
    fences = sum(len(re.findall(r'^ *```', page.read_text(), re.MULTILINE)) for page in PAGES)
    assert len(shown) * 2 == fences
    checked = [one for block in shown if block.language == 'bash' for one in commands(block.text)]
    assert len(checked) >= 80
    hidden = [
        block.place
        for block in shown
        if block.language == 'text' and block.page not in SHOWS_OTHERS
        for line in block.text.splitlines()
        if line.split()[:1] and line.split()[0] in ('restage', 'ros2', 'make', 'docker', 'pip')
    ]
    assert hidden == []


@pytest.mark.parametrize('name', COMMANDS)
def test_every_command_says_what_it_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, '--help'])
    assert end.value.code == 0
    assert f'restage {name}' in capsys.readouterr().out


def test_make_says_what_there_is() -> None:
    done = subprocess.run(['make', 'help'], cwd=ROOT, capture_output=True, text=True, check=True)
    said = {line.split('\t')[0].strip() for line in done.stdout.splitlines()}
    assert said >= {'setup', 'demo', 'test', 'lint', 'docs', 'reference', 'clean'}


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('restage dmeo', 'invalid choice'),
        ('restage demo --framse 3', 'unrecognized'),
        ('restage demo --frames many', 'invalid int'),
        ('restage demo --scenario no_such', 'neither a YAML file nor'),
        ('restage demo --scenario hang --frames 720', 'needs --frames'),
        ('make demo SCENARIO=hang FRAMES=720', 'needs --frames'),
        ('restage demo --source other.mp4', 'not in the repository'),
        ('restage demo --model report/detector.yaml', 'not in the repository'),
        ('restage inject proc.kil', "did you mean 'proc.kill'"),
        ('restage inject proc.kill bit=3', 'unknown parameter'),
        ('restage inject timing.delay --when never', 'invalid choice'),
        ('restage bench --arms sideways', 'accepted'),
        ('restage study --errors no_such', 'accepted'),
        ('restage sample --samplers no_such', 'accepted'),
        ('make no_such', 'No rule'),
        ('make demo SAUCE=x', 'SAUCE'),
        ('ros2 launch restage other.launch.py', 'no launch file'),
        ('ros2 launch restage restage.launch.py rate:=3', 'no argument'),
        ('ros2 launch restage restage.launch.py rate_hz:=fast', 'a number'),
        ('ros2 launch restage restage.launch.py standbys:=9', 'standbys'),
        ('ros2 launch restage bag.launch.py', 'needs bag'),
        ('ros2 topic echo /recoveries', 'no topic'),
        ('ros2 service call /recovery/get_report restage_msgs/srv/Other', 'no service'),
        ('ros2 param set /recovery policy x', 'no parameter'),
        ('ros2 param get /nobody x', 'no node'),
        ('ros2 security no_such keys', 'not checked'),
        ('ros2 security create_enclave keys /x', 'not in the repository'),
        ('umask 888', 'no mask'),
        ('curl http://example.com/', 'not on this machine'),
        ('docker build -f docker/Dockerfil -t restage .', 'no '),
        ('docker build -f docker/Dockerfile --build-arg NO=1 -t restage .', 'no argument'),
        ('docker compose -f docker/compose.yaml up detectoin', 'no service'),
        ('NO=1 docker compose -f docker/compose.yaml up', 'does not read'),
        ('docker run --rm restage ros2 launch restage no.launch.py', 'no launch file'),
        ('pip install -r requirements/no.txt', 'not in the repository'),
        ('pip install restage[no]', 'extras'),
        ('python -m no_such_module', 'no module'),
        ('python -m pytest test/no_such', 'not in the repository'),
        ('launch_test test/test_recovery_launch.py::no', 'no test'),
        ('wget something', 'of no category'),
        ('true && wget something', 'of no category'),
        ('restage demo --source $(wget something)', 'of no category'),
        ('restage "demo', 'quotation'),
    ],
)
def test_what_would_not_work_is_found(text: str, said: str) -> None:
    with pytest.raises(WrongError, match=re.escape(said)):
        for one in commands(text):
            if one.words != ('true',):
                check_command(one, Files())


def test_what_a_command_makes_is_there_for_the_next() -> None:
    files = Files()
    for one in commands('restage plan detector.onnx\nrestage demo --model report/detector.yaml'):
        check_command(one, files)


@pytest.mark.parametrize(
    'text', ['def no(:', 'import no_such_module', 'from restage.cli import no_such']
)
def test_python_that_would_not_work_is_found(text: str) -> None:
    with pytest.raises(WrongError):
        check_python(text)


@pytest.mark.parametrize(
    'text',
    [
        'a: [',
        'just words',
        'schema: 1\nno_such: 2',
        'runtime: no_such',
        'schema: 1\nname: x\nfaults: [{at_s: 1.0, kind: no.such}]',
        '/**/recovery: {ros__parameters: {no_such: 1}}',
    ],
)
def test_yaml_that_is_not_valid_is_found(text: str) -> None:
    with pytest.raises(WrongError):
        check_yaml(text)


def test_a_block_in_no_language_is_found() -> None:
    block = Block(page='x.md', line=1, language='', text='restage demo')
    assert 'accepted' in next(problems_of(block, Files()))
