# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage inject``: one fault into a running system."""

from __future__ import annotations

import argparse
import os
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rclpy.node import Node

    from restage.faults.command import Fault

HELP = 'inject one fault into a running system and wait until it has fired'
ACCEPTED_WHEN = ('before', 'during', 'after')
ACCEPTED_PERSISTENCE = ('transient', 'intermittent', 'permanent')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument('kind', nargs='?', help='kind of fault, see --list')
    parser.add_argument(
        'values', nargs='*', metavar='k=v', help='parameters of the kind, before any option'
    )
    parser.add_argument('--list', action='store_true', help='show all kinds and their parameters')
    parser.add_argument(
        '--target', default='', help="primary, standby or a node name; default: the kind's own"
    )
    parser.add_argument('--stage', default='', help='stage of the detector; default: by the seed')
    parser.add_argument('--when', choices=ACCEPTED_WHEN, help="default: the kind's own")
    parser.add_argument('--persistence', choices=ACCEPTED_PERSISTENCE, default='transient')
    parser.add_argument('--after-frames', type=int, default=0, help='frames to let pass first')
    parser.add_argument('--probability', type=float, default=1.0, help='per frame; default: 1')
    parser.add_argument(
        '--duration', type=float, default=0.0, metavar='S', help='clear it so long after; 0: never'
    )
    parser.add_argument('--seed', type=int, default=0, help='of all that is left open')
    parser.add_argument('--timeout', type=float, default=10.0, help='s to wait in all; default: 10')
    parser.add_argument('--namespace', default='', help='of the injector node; default: none')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write what happened here')


class _RefusedError(RuntimeError):
    """ROS 2 refuses a node; the message says why."""


def run(args: argparse.Namespace) -> int:
    """Inject; 0 fired, 1 rejected or not fired in time, 2 bad usage."""
    from restage.faults.errors import FaultError

    if args.list:
        from restage.faults.listing import kinds_as_data, kinds_table

        _print(kinds_table())
        _write_json(args.json, {'schema': 1, 'kinds': kinds_as_data()})
        return 0
    try:
        fault = fault_from_arguments(args)
        if not args.timeout > 0:
            raise FaultError(f'--timeout is {args.timeout:g}; accepted: above 0 s')
        if args.json is not None and not args.json.resolve().parent.is_dir():
            raise FaultError(f"--json: folder '{args.json.resolve().parent}' does not exist")
    except FaultError as error:
        print(f'restage inject: {error}', file=sys.stderr)
        return 2
    try:
        result = inject(fault, namespace=args.namespace, timeout_s=args.timeout)
    except ImportError as error:
        print(f'restage inject: ROS 2 is not available: {error}', file=sys.stderr)
        return 1
    except _RefusedError as error:
        print(f'restage inject: ROS 2 refuses its node: {error}', file=sys.stderr)
        return 1
    _write_json(args.json, result)
    print('{outcome}: {kind} ({id}) in {stage} of {node}: {detail}'.format_map(result))
    return 0 if result['outcome'] == 'fired' else 1


def fault_from_arguments(args: argparse.Namespace) -> Fault:
    """
    Return the fault that the command line describes, with an id of its own.

    :raises FaultError: when there is none, or anything in it is not acceptable.
    """
    from restage.faults.command import TARGET, Fault
    from restage.faults.enums import Persistence, When, member
    from restage.faults.errors import FaultError
    from restage.faults.taxonomy import find_kind

    if not args.kind:
        raise FaultError('a kind of fault is needed; --list shows all')
    kind = find_kind(args.kind)
    parameters = {}
    for text in args.values:
        name, separator, value = text.partition('=')
        if not separator:
            raise FaultError(f"'{text}' is no parameter; accepted: NAME=VALUE")
        parameters[name] = kind.spec(name).parse(value)
    if args.namespace and not TARGET.fullmatch(args.namespace):
        raise FaultError(f"--namespace is '{args.namespace}'; accepted: a ROS namespace")
    return Fault(
        id=f'inject-{uuid.uuid4().hex[:12]}',
        kind=kind.name,
        target=args.target or kind.default_target,
        stage=args.stage,
        when=member(When, args.when) if args.when else kind.default_when,
        persistence=member(Persistence, args.persistence),
        after_frames=args.after_frames,
        probability=args.probability,
        seed=args.seed,
        duration_s=args.duration,
        parameters=parameters,
    )


def inject(fault: Fault, *, namespace: str, timeout_s: float) -> dict[str, object]:
    """
    Ask the injector node for ``fault`` and wait until it has fired or was rejected.

    Return what happened; ``outcome`` is ``fired``, ``rejected`` (by the injector or by the
    target), ``no_injector`` or ``timeout``.
    """
    import rclpy
    from rclpy.context import Context
    from rclpy.executors import SingleThreadedExecutor
    from restage_msgs.msg import FaultEvent
    from restage_msgs.srv import InjectFault

    from restage.faults.messages import fault_to_command
    from restage.nodes.qos import EVENTS
    from restage.nodes.spin import RCLError

    events: list[FaultEvent] = []
    context = Context()
    name = f'restage_inject_{os.getpid()}'
    try:
        rclpy.init(args=[], context=context)
        node = rclpy.create_node(name, namespace=namespace, context=context, cli_args=[])
    except RCLError as error:
        raise _RefusedError(str(error)) from None
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    deadline = time.monotonic() + timeout_s

    def wait_for(condition: Callable[[], bool]) -> bool:
        while not condition():
            if time.monotonic() > deadline:
                return False
            executor.spin_once(timeout_sec=0.02)
        return True

    def verdict() -> FaultEvent | None:
        final = (FaultEvent.FIRED, FaultEvent.REJECTED)
        return next((e for e in events if e.id == fault.id and e.state in final), None)

    try:
        heard = node.create_subscription(FaultEvent, 'fault_events', events.append, EVENTS)
        client = node.create_client(InjectFault, 'injector/inject')
        if not wait_for(client.service_is_ready):
            return _result(fault, 'no_injector', f"no service '{client.srv_name}'")
        # An event is volatile: those who may send it must know of this subscription first.
        if not wait_for(lambda: _all_matched(heard.get_publisher_count(), node)):
            return _result(fault, 'timeout', "nobody publishes 'fault_events'")
        answer = client.call_async(InjectFault.Request(command=fault_to_command(fault)))
        # The answer may be lost where discovery is not complete; what follows tells as well.
        if not wait_for(lambda: bool(answer.done() or verdict())):
            return _result(fault, 'timeout', 'the injector did not answer')
        if answer.done() and not answer.result().accepted:
            return _result(fault, 'rejected', answer.result().message)
        wait_for(lambda: verdict() is not None)
        event = verdict()
        if event is None:
            return _result(fault, 'timeout', f'it did not fire within {timeout_s:g} s')
        result = _result(fault, 'fired', event.detail)
        if event.state == FaultEvent.REJECTED:
            result['outcome'] = 'rejected'
        result.update(
            node=event.node,
            stage=event.stage,
            frame_ns=event.frame.sec * 1_000_000_000 + event.frame.nanosec,
            monotonic_ns=event.monotonic_ns,
        )
        return result
    finally:
        executor.shutdown(timeout_sec=1.0)
        node.destroy_node()
        rclpy.shutdown(context=context)


def _all_matched(matched: int, node: Node) -> bool:
    return 0 < matched >= int(node.count_publishers('fault_events'))


def _result(fault: Fault, outcome: str, detail: str) -> dict[str, object]:
    return {
        'schema': 1,
        'outcome': outcome,
        'id': fault.id,
        'kind': fault.kind,
        'target': fault.target,
        'parameters': dict(fault.parameters),
        'seed': fault.seed,
        'node': fault.target,
        'stage': fault.stage or 'any stage',
        'frame_ns': 0,
        'monotonic_ns': 0,
        'detail': detail,
    }


def _print(table: object) -> None:
    from rich.console import Console

    Console().print(table)


def _write_json(path: Path | None, data: object) -> None:
    if path is not None:
        import json

        path.write_text(json.dumps(data, indent=2) + '\n', encoding='utf-8')
