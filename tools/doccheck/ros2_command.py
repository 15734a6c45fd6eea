# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Commands of ros2: launch arguments, and names and types of the running system."""

from __future__ import annotations

from functools import cache

from doccheck.files import Files, looks_like_file
from doccheck.pages import ROOT, rows
from doccheck.shell import PUT_OUT, Command
from doccheck.wrong import WrongError

TOPIC_VERBS = ('echo', 'hz', 'bw', 'info', 'list', 'delay')
# Topics that others publish: a vehicle's camera, ROS itself.
OTHERS = ('parameter_events', 'rosout', 'tf', 'tf_static')


def check_ros2(command: Command, files: Files) -> None:
    """
    Check one command.

    :raises WrongError: when it names what is not there.
    """
    verb, *words = command.words[1:]
    checks = {
        'launch': _launch,
        'topic': _topic,
        'service': _service,
        'param': _param,
        'lifecycle': _lifecycle,
        'pkg': _package,
        'run': _run,
        'bag': _bag,
        'security': _security,
    }
    if verb not in checks:
        raise WrongError(f"'ros2 {verb}' is not checked: add it to tools/doccheck/ros2_command.py")
    checks[verb](words, files)


def _launch(words: list[str], files: Files) -> None:
    from reference.launching import BAG, declared_arguments

    from restage.launch_description import launch_arguments, system_arguments
    from restage.system import SystemOptions, describe_system

    package, file, *given = words
    if package != 'restage' or not (ROOT / 'launch' / file).is_file():
        raise WrongError(f"'{package} {file}' is no launch file of this repository")
    system = {one.name: one for one in system_arguments()}
    known = {**system, **{one.name: one for one in launch_arguments()}}
    options = {}
    own = {row[0].strip('`') for row in declared_arguments(BAG)} if file == BAG.name else set()
    for word in given:
        name, is_argument, text = word.partition(':=')
        if word == '--show-args':
            continue
        if not is_argument or name not in {*known, *own}:
            raise WrongError(f"'{word}' is no argument; accepted: {', '.join([*known, *own])}")
        if looks_like_file(text) and not name.endswith(('topic', 'namespace')):
            files.check(text)
        if name in known:
            try:
                value = known[name].parse(text)
            except ValueError as error:
                raise WrongError(str(error)) from None
            if name in system:
                options[name] = value
    if file == BAG.name and not any(word.startswith('bag:=') for word in given):
        raise WrongError('bag.launch.py needs bag:=FOLDER')
    try:
        describe_system(SystemOptions(**options))
    except ValueError as error:
        raise WrongError(str(error)) from None


@cache
def _reference(heading: str) -> list[dict[str, str]]:
    text = (ROOT / 'docs' / 'reference' / 'topics.md').read_text(encoding='utf-8')
    part = text.split(f'## {heading}\n')[1].split('\n## ')[0]
    return [{key: cell.strip('`') for key, cell in row.items()} for row in rows(part)]


def _topic(words: list[str], _files: Files) -> None:
    verb, *rest = words
    names = [word for word in rest if not word.startswith('-')]
    if verb not in TOPIC_VERBS:
        raise WrongError(f"'ros2 topic {verb}' is not checked; checked: {', '.join(TOPIC_VERBS)}")
    known = {row['topic'].lstrip('/') for row in _reference('Topics')}
    for name in names[:1]:
        if name.rpartition('/')[2] not in {*known, *OTHERS}:
            raise WrongError(f"no topic '{name}'; there are: {', '.join(sorted(known))}")


def _service(words: list[str], _files: Files) -> None:
    verb, *rest = words
    if verb == 'list':
        return
    if verb != 'call' or len(rest) < 2:
        raise WrongError(f"'ros2 service {' '.join(words)}' is not checked; checked: call, list")
    types = {row['service']: row['type'] for row in _reference('Services')}
    node, _, service = rest[0].strip('/').rpartition('/')
    # detection_a and its like are of the kind 'detection'.
    name = f'{node.rpartition("/")[2].partition("_")[0]}/{service}'
    if types.get(name) != rest[1]:
        raise WrongError(f"no service '{rest[0]}' of '{rest[1]}'; there are: {types}")


def _param(words: list[str], _files: Files) -> None:
    verb, *rest = words
    if verb not in ('get', 'set', 'list', 'describe') or not rest:
        raise WrongError(f"'ros2 param {' '.join(words)}' is not checked")
    executable = node_executable(rest[0])
    if len(rest) > 1 and rest[1] not in parameters_of(executable):
        raise WrongError(f"'{executable}' has no parameter '{rest[1]}'")


def _lifecycle(words: list[str], _files: Files) -> None:
    if words[0] not in ('get', 'list', 'nodes'):
        raise WrongError(f"'ros2 lifecycle {words[0]}' is not checked")
    for name in words[1:2]:
        node_executable(name)


def _package(words: list[str], _files: Files) -> None:
    if words[-1] not in ('restage', 'restage_msgs'):
        raise WrongError(f"'{words[-1]}' is no package of this repository")


def _run(words: list[str], files: Files) -> None:
    if words[:2] == ['diagnostic_aggregator', 'aggregator_node']:
        files.check(words[-1].replace(f'{PUT_OUT}/', ''))
        return
    known = {row['executable'] for row in _reference('Nodes')} | {'restage'}
    if words[0] != 'restage' or words[1] not in known:
        raise WrongError(f"no executable '{words[1]}'; there are: {', '.join(sorted(known))}")


def _bag(words: list[str], files: Files) -> None:
    if words[0] not in ('play', 'info'):
        raise WrongError(f"'ros2 bag {words[0]}' is not checked; checked: info, play")
    files.check(words[1])


def _security(words: list[str], files: Files) -> None:
    """Check a step of a walk-through: keystore first, enclaves and policies that are there."""
    verb, keystore, *rest = words
    if verb == 'create_keystore':
        files.make(keystore)
        return
    if verb not in ('create_enclave', 'create_permission', 'generate_artifacts', 'list_enclaves'):
        raise WrongError(f"'ros2 security {verb}' is not checked")
    files.check(keystore)
    text = (ROOT / 'config' / 'security' / 'policy.xml').read_text(encoding='utf-8')
    for word in rest:
        if word.endswith('.xml'):
            files.check(word.replace(f'{PUT_OUT}/', ''))
        elif word.startswith('/') and f'path="{word}"' not in text:
            raise WrongError(f"no enclave '{word}' in config/security/policy.xml")


def node_executable(name: str) -> str:
    """
    Return what runs as the node ``name`` of the system.

    :raises WrongError: when there is no such node.
    """
    from restage.system import SystemOptions, describe_system

    nodes = describe_system(SystemOptions(allow_fault_injection=True, fault_proxy=True, standbys=3))
    known = {node.name: node.executable for node in nodes}
    last = name.rpartition('/')[2]
    if last not in known:
        raise WrongError(f"no node '{name}'; there are: {', '.join(known)}")
    return known[last]


@cache
def parameters_of(executable: str) -> frozenset[str]:
    """Return the names of a node's parameters."""
    text = (ROOT / 'docs' / 'reference' / 'parameters.md').read_text(encoding='utf-8')
    part = text.split(f'## `{executable}`\n')[1].split('\n## ')[0]
    return frozenset(row['parameter'].strip('`') for row in rows(part))
