# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The taxonomy as a table for people and as data for programs."""

from __future__ import annotations

from rich.table import Table

from restage.faults.taxonomy import KINDS


def kinds_table() -> Table:
    """Return one row a kind: its moments (the default first), mechanism and parameters."""
    table = Table(title='Faults that can be injected', show_lines=True)
    table.add_column('kind', no_wrap=True)
    table.add_column('when')
    table.add_column('mechanism')
    table.add_column('parameters (default)')
    for kind in KINDS:
        parameters = [
            f'{spec.name} ({spec.default!r}): {spec.accepted}; {spec.help_text}'
            for spec in kind.parameters
        ]
        moments = ', '.join(moment.name.lower() for moment in kind.moments)
        table.add_row(kind.name, moments, kind.mechanism, '\n'.join(parameters) or 'none')
    return table


def kinds_as_data() -> list[dict[str, object]]:
    """Return the taxonomy in JSON's types."""
    return [
        {
            'kind': kind.name,
            'class': kind.fault_class,
            'mechanism': kind.mechanism,
            'when': [moment.name.lower() for moment in kind.moments],
            'parameters': [
                {
                    'name': spec.name,
                    'type': spec.type_name,
                    'default': spec.default,
                    'accepted': spec.accepted,
                    'unit': spec.unit,
                    'help': spec.help_text,
                }
                for spec in kind.parameters
            ],
        }
        for kind in KINDS
    ]
