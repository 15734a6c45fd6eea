# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Start, spin and end a node."""

from __future__ import annotations

import signal
import sys
from typing import Protocol

import rclpy
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node

from restage.nodes.garbage import keep_for_good
from restage.nodes.own_ports import take_own_ports

# The inference or source thread and the executor share one interpreter: at Python's default of
# 5 ms, a callback could wait that long for a thread that computes in Python.
SWITCH_INTERVAL_S = 0.0005

# A parameter given at start that ROS itself does not accept: its type, or outside its range.
BAD_USAGE = 2


class MakeNode(Protocol):
    """Makes the node once ROS is up; the node's ``close``, if any, is called before its end."""

    def __call__(self) -> Node:
        """Return the node."""


def run_node(make: MakeNode, args: list[str] | None) -> int:
    """Spin the node that ``make`` returns until SIGINT or SIGTERM; return the exit status."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    # rclpy's own handler ends the spin on SIGINT and SIGTERM. Python's would, on top of that,
    # raise KeyboardInterrupt wherever it happens to be, in a message's conversion for one.
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        profile = take_own_ports()
    except PermissionError as error:
        print(f'cannot start: {error}', file=sys.stderr)
        return BAD_USAGE
    node: Node | None = None
    try:
        rclpy.init(args=args)
        executor = SingleThreadedExecutor()
        node = make()
        keep_for_good()
        executor.add_node(node)
        executor.spin()
    except ExternalShutdownException:
        pass
    except (InvalidParameterTypeException, InvalidParameterValueException) as error:
        print(f'cannot start: {error}', file=sys.stderr)
        return BAD_USAGE
    except Exception:
        # A signal that ends ROS in the middle of anything lets any call of ROS fail.
        if rclpy.ok():
            raise
    finally:
        if profile is not None:
            profile.unlink(missing_ok=True)
        close = getattr(node, 'close', None)
        if close is not None:
            close()
        if node is not None:
            node.destroy_node()
        rclpy.try_shutdown()
    return 0
