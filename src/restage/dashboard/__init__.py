# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
A web page over the live system: what it shows, and the server that shows it.

Nothing here knows ROS: ``restage.nodes.dashboard_node`` feeds the ``Board`` from the topics, and
the server sends its sections to every browser that has the page open.
"""
