# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Start, spin and end a node."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Protocol

import rclpy
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node

from restage.nodes.garbage import keep_for_good
from restage.nodes.own_ports import take_own_ports

# The inference or source thread and the executor share one interpreter: at Python's default of
# 5 ms, a callback could wait that long for a thread that computes in Python.
SWITCH_INTERVAL_S = 0.0005

# A parameter given at start that ROS itself does not accept: its type, or outside its range.
BAD_USAGE = 2
# An error that nobody foresaw, as Python's own status.
FAILED = 1

RCLError = rclpy_implementation.RCLError


class MakeNode(Protocol):
    """Makes the node once ROS is up; the node's ``close``, if any, is called before its end."""

    def __call__(self) -> Node:
        """Return the node."""


def _end_with(thread: threading.ExceptHookArgs) -> None:
    """
    End the process with a thread of it that failed: half a node looks as if it were well.

    A dead process is seen, and replaced.
    """
    threading.__excepthook__(thread)
    # A signal that ends ROS in the middle of anything lets any call of ROS fail.
    if rclpy.ok():
        sys.stderr.flush()
        os._exit(FAILED)


def run_node(make: MakeNode, args: list[str] | None) -> int:
    """Spin the node that ``make`` returns until SIGINT or SIGTERM; return the exit status."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    # rclpy's own handler ends the spin on SIGINT and SIGTERM. Python's would, on top of that,
    # raise KeyboardInterrupt wherever it happens to be, in a message's conversion for one.
    signal.signal(signal.SIGINT, lambda *_: None)
    threading.excepthook = _end_with
    try:
        profile = take_own_ports()
    except PermissionError as error:
        print(f'cannot start: {error}', file=sys.stderr)
        return BAD_USAGE
    node: Node | None = None
    was_up = False
    try:
        rclpy.init(args=args)
        was_up = True
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
    except RCLError as error:
        if rclpy.ok() and node is not None:
            raise
        if rclpy.ok() or not was_up:
            print(f'cannot start: ROS 2 refuses the node: {error}', file=sys.stderr)
            return FAILED
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
        ignore_more_signals()
    return 0


def ignore_more_signals() -> None:
    """
    Let nothing but the end be left to come; call it when all is closed.

    systemd signals every process of a service, and ``ros2 launch`` passes its own signal on: the
    second one would find Python's handlers gone, and its end would look like a death.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
