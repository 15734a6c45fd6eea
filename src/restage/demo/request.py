# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the user asked of the demonstration, checked before anything is started."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from restage.camera.errors import SourceError
from restage.camera.frame import FrameSource
from restage.camera.source import open_source
from restage.config import find_scenario
from restage.demo.replay import write_trace
from restage.faults.errors import FaultError
from restage.faults.scenario import Scenario
from restage.faults.trace import Replay, load_playable
from restage.recording.errors import RecordingError
from restage.shipped import portable
from restage.stages.loading import load_model
from restage.stages.model import StagedModel
from restage.system import Parameter, SystemOptions

SIZE = (640, 384)
# How long the stream goes on after the scenario's last fault, unless told otherwise.
AFTER_S = 4.0
SCENARIO = 'standard'


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
    scenario: Scenario | Replay
    model: StagedModel
    report: Path
    frames: int
    rate_hz: float
    record_quality: int = 90

    @classmethod
    def checked(
        cls,
        *,
        source: str,
        model: str,
        scenario: str,
        frames: int | None,
        seed: int,
        report: Path,
        record: str = '',
        record_images: str = 'jpeg',
        record_quality: int = 90,
        dashboard_port: int | None = None,
    ) -> DemoRequest:
        """
        Check every choice.

        ``frames``: None for as many as the scenario takes. ``dashboard_port``: None for no
        dashboard.

        Without a ``scenario`` the faults of a recorded ``source`` are injected again, once
        through its images; without any, it is the standard one.

        :raises UsageError: for a source, model, scenario or count that cannot be used.
        """
        if frames is not None and frames < 1:
            raise UsageError(f'--frames must be at least 1, got {frames}')
        if not 1 <= record_quality <= 100:
            raise UsageError(f'--record-quality must be 1 to 100, got {record_quality}')
        if record and Path(record).exists():
            raise UsageError(f'--record {record} exists already; give another path')
        if dashboard_port is not None and not 0 <= dashboard_port <= 65535:
            raise UsageError(f'--dashboard must be 0 to 65535, got {dashboard_port}')
        model = portable(model)
        if Path(source).exists():
            source = str(Path(source).resolve())
        try:
            report.mkdir(parents=True, exist_ok=True)
            recorded = None if scenario else write_trace(source, report)
            path = recorded[0] if recorded else find_scenario(scenario or SCENARIO)
            plan = load_playable(str(path))
            staged = load_model(model)
            rate_hz = _open(source, seed).rate_hz
        except (FaultError, SourceError, RecordingError, ValueError, OSError) as error:
            raise UsageError(str(error)) from None
        if frames is None and recorded:
            frames = recorded[1]
        elif frames is None:
            last_s = max((at_s for at_s, _ in plan.schedule()), default=0.0)
            frames = math.ceil((last_s + AFTER_S) * rate_hz)
        options = SystemOptions(
            source=source,
            model=model,
            scenario=str(path.resolve()),
            max_frames=frames,
            seed=seed,
            frame_log=str((report / 'frames.jsonl').resolve()),
            allow_fault_injection=True,
            fault_proxy=plan.needs_proxy,
            record=str(Path(record).resolve()) if record else '',
            record_images=record_images,
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
            record_quality=record_quality,
        )

    @property
    def node_parameters(self) -> dict[str, dict[str, Parameter]]:
        """Return what nodes need beside the options: recorded faults know their frames."""
        return {
            'camera': {'use_source_stamps': isinstance(self.scenario, Replay)},
            'recorder': {'jpeg_quality': self.record_quality},
        }

    def open_source(self) -> FrameSource:
        """Return the camera's source again, frame for frame the same."""
        return _open(self.options.source, self.options.seed)


def _open(source: str, seed: int) -> FrameSource:
    width, height = SIZE
    return open_source(source, seed=seed, width=width, height=height)
