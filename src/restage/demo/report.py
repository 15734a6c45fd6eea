# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The report of a run: files, the table in the terminal, and the verdict."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from restage.demo.document import make_document, write
from restage.demo.evidence import Evidence, GoldenRun
from restage.demo.picture import draw_faults
from restage.demo.rows import FaultRow, make_rows
from restage.demo.table import make_table


def report(
    evidence: Evidence, golden: GoldenRun, folder: Path, console: Console, json_path: Path | None
) -> int:
    """
    Write ``demo.json`` and ``demo.png`` to ``folder`` and print the rest.

    Return 0 when every fault was survived within its goal, else 1.
    """
    accounts = evidence.accounts
    compared = accounts.compared(golden)
    differing = [stamp for stamp, same in compared.items() if not same]
    rows = make_rows(
        evidence.planned,
        evidence.expected,
        evidence.faults,
        evidence.recoveries,
        differing,
        accounts.lost,
        checked=not evidence.not_checked,
    )
    document = make_document(evidence, rows, len(compared), len(differing))
    target, picture = folder / 'demo.json', folder / 'demo.png'
    write(document, target)
    if json_path is not None:
        write(document, json_path)
    drawn = draw_faults(rows, accounts, golden, evidence.class_names, picture)
    console.print(make_table(rows))
    _print_accounts(evidence, len(compared), len(differing), console)
    console.print(f'written: {target}' + (f', {picture}' if drawn else ''), highlight=False)
    return _verdict(evidence, rows, console)


def _print_accounts(evidence: Evidence, compared: int, differing: int, console: Console) -> None:
    accounts = evidence.accounts
    same = f'{compared - differing} of {compared} bit-identical to the fault-free run'
    if evidence.not_checked:
        same = f'same bits as a fault-free run: not checked: {escape(evidence.not_checked)}'
    console.print(
        f'frames: {len(accounts.published)} published by the camera, '
        f'{len(accounts.outputs)} came out, {len(accounts.lost)} lost, '
        f'{accounts.duplicates} twice, {accounts.out_of_order} out of order; {same}',
        highlight=False,
    )


def _verdict(evidence: Evidence, rows: list[FaultRow], console: Console) -> int:
    accounts = evidence.accounts
    problems = [f'{row.kind} in {row.stage}: {text}' for row in rows for text in row.problems]
    if accounts.duplicates:
        problems.append(f'{accounts.duplicates} frames were published twice')
    # Images that faults of the stream took away are no loss of the detectors.
    if accounts.lost and not evidence.stream_faults:
        problems.append(f'{len(accounts.lost)} frames were lost')
    for problem in problems:
        console.print(f'[yellow]not as expected:[/] {escape(problem)}', highlight=False)
    return 1 if problems else 0
