# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the user asked of the demonstration, checked before anything is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from restage.camera.errors import SourceError
from restage.camera.frame import FrameSource
from restage.camera.source import open_source
from restage.config import find_scenario
from restage.faults.errors import FaultError
from restage.faults.scenario import Scenario
from restage.faults.scenario_file import load_scenario
from restage.stages.loading import load_model
from restage.stages.model import StagedModel
from restage.system import SystemOptions

SIZE = (640, 384)


class UsageError(ValueError):
    """The user asked for something that is not accepted; the message says what is."""


@dataclass(frozen=True, kw_only=True)
class DemoRequest:
    """
    A demonstration that can be run.

    ``model`` is loaded in this process too, for the fault-free run that outputs are compared
    with; ``source`` likewise.
    """

    options: SystemOptions
    scenario: Scenario
    model: StagedModel
    report: Path
    frames: int
    rate_hz: float

    @classmethod
    def checked(
        cls,
        *,
        source: str,
        model: str,
        scenario: str,
        frames: int,
        seed: int,
        report: Path,
        dashboard_port: int | None = None,
    ) -> DemoRequest:
        """
        Check every choice; ``dashboard_port``: None for no dashboard.

        :raises UsageError: for a source, model, scenario or count that cannot be used.
        """
        if frames < 1:
            raise UsageError(f'--frames must be at least 1, got {frames}')
        if dashboard_port is not None and not 0 <= dashboard_port <= 65535:
            raise UsageError(f'--dashboard must be 0 to 65535, got {dashboard_port}')
        if model != 'bundled':
            model = str(Path(model).resolve())
        if Path(source).exists():
            source = str(Path(source).resolve())
        try:
            path = find_scenario(scenario)
            plan = load_scenario(path)
            staged = load_model(model)
            rate_hz = _open(source, seed).rate_hz
            report.mkdir(parents=True, exist_ok=True)
        except (FaultError, SourceError, ValueError, OSError) as error:
            raise UsageError(str(error)) from None
        options = SystemOptions(
            source=source,
            model=model,
            scenario=str(path),
            max_frames=frames,
            seed=seed,
            frame_log=str((report / 'frames.jsonl').resolve()),
            allow_fault_injection=True,
            fault_proxy=plan.needs_proxy,
            dashboard=dashboard_port is not None,
            dashboard_port=dashboard_port or 0,
        )
        return cls(
            options=options,
            scenario=plan,
            model=staged,
            report=report,
            frames=frames,
            rate_hz=rate_hz,
        )

    def open_source(self) -> FrameSource:
        """Return the camera's source again, frame for frame the same."""
        return _open(self.options.source, self.options.seed)


def _open(source: str, seed: int) -> FrameSource:
    width, height = SIZE
    return open_source(source, seed=seed, width=width, height=height)
