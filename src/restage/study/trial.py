# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The sacrificial process of a trial: start, make the mistake, then go on as if nothing was."""

from __future__ import annotations

import random
import time
from functools import partial
from pathlib import Path

import numpy as np

from restage.study.events import EventWriter
from restage.study.frameworks import find_framework
from restage.study.frameworks.framework import Image, NotInstalled, NotPossible, Session
from restage.study.limits import limit
from restage.study.mistakes import find_mistake
from restage.study.mistakes.mistake import Scene
from restage.study.request import LATER, PICTURES, START, TrialRequest

WARM_RUNS = 3


def main(began_ns: int, parent: int, text: str) -> None:
    """Run the trial that ``text`` asks for; ``began_ns``: when this process began to run Python."""
    request = TrialRequest.of(text)
    limit(request.memory_bytes, request.cpu_s, parent)
    events = EventWriter(Path(request.folder))
    events.tell('began', t=began_ns)
    framework = find_framework(request.framework)
    mistake = find_mistake(request.mistake)
    try:
        framework.imports()
    except (NotInstalled, ImportError, OSError) as error:
        events.error('not_installed', error)
        return
    events.tell('imported')
    session = framework.load(Path(request.models), request.threads)
    events.tell('loaded')
    images = [np.load(Path(request.pictures) / f'{index}.npy') for index in range(PICTURES)]
    events.tell('ready')
    events.answer('first', session.infer(images[START]))
    scene = Scene(
        framework=framework,
        session=session,
        images=images,
        models=Path(request.models),
        own=Path(request.folder),
        threads=request.threads,
        latency_s=_latency(session, images[START]),
        rng=random.Random(request.seed),
        struck=partial(events.tell, 'struck'),
    )
    del session
    events.tell('mistake', latency_ms=scene.latency_s * 1e3)
    try:
        made = mistake.make(scene)
    except NotPossible as refusal:
        events.tell('not_possible', text=str(refusal))
        return
    except Exception as error:  # whatever the framework raises is its answer
        events.error('exception', error)
    else:
        events.answer('answer', made)
    for place, index in enumerate(LATER):
        try:
            events.answer(f'later{place}', scene.session.infer(images[index]))
        except Exception as error:  # the same
            events.error(f'later{place}', error)
    events.tell('finished')


def _latency(session: Session, image: Image) -> float:
    times = []
    for _ in range(WARM_RUNS):
        start = time.perf_counter()
        session.infer(image)
        times.append(time.perf_counter() - start)
    return sorted(times)[WARM_RUNS // 2]
