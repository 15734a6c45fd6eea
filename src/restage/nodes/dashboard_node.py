# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The dashboard: a web page over the live system; it changes nothing but by its fault buttons."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import suppress

import rclpy
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from restage.dashboard.access import Access
from restage.dashboard.board import Board
from restage.dashboard.pictures import Pictures
from restage.dashboard.server import CannotListenError, make_app, serve, url
from restage.dashboard.viewers import Viewers
from restage.nodes.dashboard_ears import Ears
from restage.nodes.dashboard_injector import InjectorClient
from restage.nodes.garbage import keep_for_good
from restage.nodes.own_ports import take_own_ports
from restage.nodes.parameters import cameras_of, declare, declare_cameras
from restage.nodes.spin import BAD_USAGE, FAILED, RCLError, ignore_more_signals
from restage.nodes.steady import steady_timer

DEFAULT_PORT = 8650
# Where the machine is busy, the nodes that are looked at come first.
NICENESS = 10
ENDING_S = 2.0


class DashboardNode(Node):
    """The parameters of the dashboard; its subscriptions are made by ``Ears``."""

    def __init__(self) -> None:
        super().__init__('dashboard')
        declare_cameras(self)
        self.cameras = cameras_of(self)
        self.host = str(declare(self, 'host', '127.0.0.1', 'address to listen on', read_only=True))
        self.port = int(
            declare(
                self,
                'port',
                DEFAULT_PORT,
                'port to listen on; 0: a free one',
                low=0,
                high=65535,
                read_only=True,
            )
        )
        self.ftti_ms = float(
            declare(
                self,
                'ftti_ms',
                300.0,
                'fault tolerant time interval that recoveries are shown against',
                low=1.0,
                high=3_600_000.0,
                read_only=True,
            )
        )


class Dashboard:
    """The node in a thread, the server in this one."""

    def __init__(self, node: DashboardNode) -> None:
        """Put the parts together."""
        self._node = node
        domain = os.environ.get('ROS_DOMAIN_ID') or '0'
        place = node.get_namespace().strip('/')
        name = f'domain {domain}' + (f', namespace {place}' if place else '')
        self._board = Board(node.cameras, node.ftti_ms, name)
        self._access = Access(node.host)
        self._viewers = Viewers(self._board.render, len(node.cameras))
        self._pictures = Pictures(self._show)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = False
        self._injector = InjectorClient(node)
        Ears(node, node.cameras, self._board, self._pictures, self._viewers.watched)
        steady_timer(node, 0.5, lambda: self._board.injector(self._injector.ready()))

    def _show(self, camera: int, packet: bytes) -> None:
        """Send a picture; from the thread that made it."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has just ended
                self._loop.call_soon_threadsafe(self._viewers.picture, camera, packet)

    def _spin(self) -> None:
        """Spin; what ROS or a callback raises is said on the page, which lives on."""
        executor = SingleThreadedExecutor()
        executor.add_node(self._node)
        while not self._ending and rclpy.ok():
            try:
                executor.spin()
            except ExternalShutdownException:
                break
            except Exception as error:
                text = f'{type(error).__name__}: {error}'
                self._node.get_logger().error(f'a message could not be used: {text}')
                self._board.problem(f'A message could not be used: {text}')
        if not self._ending:
            self._board.problem('ROS has ended: what is shown is the last state.')

    async def run(self) -> None:
        """
        Serve until SIGINT or SIGTERM.

        :raises CannotListenError: when the address cannot be served.
        """
        self._loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, ended.set)
        spinning = threading.Thread(target=self._spin, name='ros', daemon=True)
        app = make_app(self._access, self._viewers, self._injector.inject)

        def listening(port: int) -> None:
            print(f'dashboard: {url(self._node.host, port, self._access.token)}', flush=True)
            spinning.start()

        try:
            await serve(app, self._node.host, self._node.port, listening, ended)
        finally:
            self._ending = True
            self._pictures.close()
            rclpy.try_shutdown()
            if spinning.is_alive():
                spinning.join(timeout=ENDING_S)


def main(args: list[str] | None = None) -> int:
    """Run the dashboard until SIGINT or SIGTERM; 2 for what is not acceptable."""
    os.nice(NICENESS)
    profile = take_own_ports()
    try:
        try:
            rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
            node = DashboardNode()
        except RCLError as error:
            print(f'dashboard: ROS 2 refuses the node: {error}', file=sys.stderr)
            return FAILED
        keep_for_good()
        asyncio.run(Dashboard(node).run())
    except (
        CannotListenError,
        InvalidParameterTypeException,
        InvalidParameterValueException,
        ValueError,
    ) as error:
        print(f'dashboard: {error}', file=sys.stderr)
        return BAD_USAGE
    finally:
        if profile is not None:
            profile.unlink(missing_ok=True)
        rclpy.try_shutdown()
        ignore_more_signals()
    return 0


if __name__ == '__main__':
    sys.exit(main())
