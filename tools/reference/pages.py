# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every page by its name."""

from __future__ import annotations

from reference.api import api_page
from reference.commands import commands_page
from reference.interfaces import interfaces_page
from reference.launching import launch_page
from reference.model_file import model_page
from reference.nodes import describe_nodes
from reference.parameters import parameters_page
from reference.reports import reports_page
from reference.topics import topics_page


def pages() -> dict[str, str]:
    """Return the text of every page of the reference."""
    nodes = describe_nodes()
    return {
        'parameters': parameters_page(nodes),
        'topics': topics_page(nodes),
        'interfaces': interfaces_page(),
        'launch': launch_page(),
        'commands': commands_page(),
        'model-file': model_page(),
        'reports': reports_page(),
        'python': api_page(),
    }
