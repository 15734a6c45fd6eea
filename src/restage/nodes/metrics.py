# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a node says on /diagnostics, as metrics for Prometheus."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from restage.diagnosis.status import Status

# Metrics tell how a vehicle is doing: they are for this host, and whoever is let in to it.
ADDRESS = '127.0.0.1'
_KEY = re.compile(r'(\w+)(?:\[(.*)\])?')


class MetricsError(RuntimeError):
    """No metrics are served; the message says why."""


class Metrics:
    """
    Serves ``statuses``, the last ones that were collected; nothing is counted here.

    ``restage_level`` is the level of a status; a numeric value ``key[PART]`` is
    ``restage_key`` with the label ``of="PART"``. All have the labels ``node`` and ``item``.
    """

    def __init__(self, node: str) -> None:
        """Serve nothing yet, of the node called ``node``."""
        self.statuses: Sequence[Status] = ()
        self._node = node
        self._server: Any = None

    def serve(self, port: int) -> None:
        """
        Answer at ``port`` of this host from now on, in a thread.

        :raises MetricsError: when the port is taken, or prometheus_client is not there.
        """
        try:
            import prometheus_client
        except ImportError:
            raise MetricsError(
                f"parameter 'metrics_port' is {port}, and prometheus_client is not installed; "
                "no metrics are served: pip install 'restage[metrics]', or set it to 0"
            ) from None
        registry = prometheus_client.CollectorRegistry()
        registry.register(self)
        try:
            self._server, _ = prometheus_client.start_http_server(port, ADDRESS, registry)
        except OSError as error:
            raise MetricsError(
                f"parameter 'metrics_port' is {port}; no metrics are served: {error.strerror}. "
                'Each node needs a port of its own'
            ) from None

    def close(self) -> None:
        """Stop."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def describe(self) -> tuple[()]:
        """Return nothing: which metrics there are depends on the statuses."""
        return ()

    def collect(self) -> Iterator[Any]:
        """Give the metrics, as prometheus_client wants them."""
        from prometheus_client.core import GaugeMetricFamily

        families: dict[str, Any] = {}
        for item, key, part, value in self._numbers():
            family = families.get(key)
            if family is None:
                about = f"'{key}' of /diagnostics"
                labels = ['node', 'item', 'of']
                family = families[key] = GaugeMetricFamily(f'restage_{key}', about, labels=labels)
            family.add_metric([self._node, item, part], value)
        yield from families.values()

    def _numbers(self) -> Iterator[tuple[str, str, str, float]]:
        """Give item, key, part and value."""
        for status in self.statuses:
            yield status.item, 'level', '', float(status.level)
            for name, value in status.values.items():
                found = _KEY.fullmatch(name)
                if found is not None and not isinstance(value, str):
                    yield status.item, found[1], found[2] or '', float(value)
