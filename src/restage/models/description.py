# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a YAML file says about a model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from restage.config import config_folder
from restage.detector.errors import ModelError
from restage.models.decoders import DECODERS
from restage.models.input import InputOptions
from restage.models.select import Selection
from restage.trt_backend.options import EngineOptions
from restage.yaml_file import YamlError, read_yaml

FOLDER = 'models'
STAGES = 6
MODELS = ('.onnx', '.pt2')


@dataclass(frozen=True, kw_only=True)
class Description:
    """
    A model, as ``config/models/schema.json`` documents it.

    ``cuts``: None, unless they are given; then ``stages`` of about the same size are looked for.
    ``architecture``: of torchvision, its name and how many classes it tells.
    ``outputs``: empty: as the file has them. ``providers``: of ONNX Runtime; empty: by the device.
    """

    name: str
    file: Path
    live: bool
    input: InputOptions
    stages: int
    cuts: tuple[str, ...] | None
    kind: str
    outputs: tuple[str, ...]
    selection: Selection
    options: Mapping[str, Any] = field(default_factory=dict)
    runtime: str = 'onnxruntime'
    engine: EngineOptions = field(default_factory=EngineOptions)
    providers: tuple[str, ...] = ()
    architecture: tuple[str, int] | None = None
    classes: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    path: Path = Path()

    def save(self, cuts: Sequence[str], path: Path) -> None:
        """
        Write it to ``path`` as it is, cut behind ``cuts``.

        :raises OSError: when that cannot be done.
        """
        data = {**self.data, 'file': str(self.file.resolve()), 'stages': {'cuts': [*cuts]}}
        if 'classes_file' in data:
            data['classes_file'] = str((self.path.parent / data['classes_file']).resolve())
        data.setdefault('name', self.name)
        path.write_text(yaml.safe_dump(data, sort_keys=False), encoding='utf-8')


def description_for(path: Path) -> Description:
    """
    Return the description of the model in the file at ``path``, or in the YAML file that this is.

    That of a model is looked for beside it, under its name, then in ``config/models``.

    :raises ModelError: when there is none, or it is not valid; names the file and the key.
    """
    if path.suffix not in MODELS:
        return load_description(path)
    if not path.is_file():
        raise ModelError(f"'{path}' does not exist; accepted: an ONNX file or an exported program")
    beside, bundled = path.with_suffix('.yaml'), config_folder() / FOLDER / f'{path.stem}.yaml'
    for found in (beside, bundled):
        if found.is_file():
            return load_description(found, path)
    raise ModelError(
        f"of '{path}' neither the input nor the outputs are known; accepted: a description in "
        f"'{beside}', as config/models/schema.json documents it"
    )


def load_description(path: Path, given: Path | None = None) -> Description:
    """
    Return the description in the file at ``path``, of the model ``given`` rather than of its own.

    :raises ModelError: when it cannot be read or is not valid; names the file and the key.
    """
    try:
        data = read_yaml(path)
    except YamlError as error:
        raise ModelError(f"'{path}': {error}") from None
    try:
        return _parsed(data, path, given)
    except jsonschema.ValidationError as error:
        raise ModelError(f"'{path}': {error.json_path}: {error.message}") from None
    except ValueError as error:
        raise ModelError(f"'{path}': {error}") from None


def _parsed(data: Any, path: Path, given: Path | None) -> Description:
    jsonschema.validate(data, _schema())
    file = given
    if file is None:
        if 'file' not in data:
            raise ValueError("$: 'file' is a required property where no model is given")
        file = path.parent / data['file']
    wanted, decoder, stages = data['input'], data['decoder'], data.get('stages', {})
    family = DECODERS[decoder['kind']]
    return Description(
        name=data.get('name', path.stem),
        file=file,
        live=data.get('weights', 'live') == 'live',
        input=InputOptions(**{**wanted, 'size': tuple(wanted['size'])}),
        stages=stages.get('count', STAGES),
        cuts=tuple(stages['cuts']) if 'cuts' in stages else None,
        kind=decoder['kind'],
        outputs=tuple(decoder.get('outputs', ())),
        selection=Selection(
            score=decoder.get('score', 0.4), overlap=decoder.get('overlap', family.overlap)
        ),
        options=decoder.get('options', {}),
        runtime=data.get('runtime', 'onnxruntime'),
        engine=_engine(data.get('tensorrt', {})),
        providers=tuple(data.get('providers', ())),
        architecture=_architecture(data),
        classes=_classes(data, path),
        data=data,
        path=path,
    )


def _engine(data: Mapping[str, Any]) -> EngineOptions:
    chosen = dict(data)
    if 'cache' in chosen:
        chosen['cache'] = Path(chosen['cache'])
    return EngineOptions(**chosen)


def _architecture(data: Mapping[str, Any]) -> tuple[str, int] | None:
    if data.get('runtime') != 'torchvision':
        return None
    if 'torchvision' not in data:
        raise ValueError("$: 'torchvision' is a required property with runtime: torchvision")
    return data['torchvision']['model'], data['torchvision'].get('classes', 91)


def _classes(data: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    if 'classes_file' not in data:
        return tuple(data.get('classes', ()))
    if 'classes' in data:
        raise ValueError("$: both 'classes' and 'classes_file'; accepted: one of them")
    file = path.parent / data['classes_file']
    try:
        lines = file.read_text(encoding='utf-8').splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"$.classes_file: '{file}': {error}; accepted: a text file") from None
    return tuple(line.strip() for line in lines if line.strip())


@cache
def _schema() -> Any:
    return json.loads((config_folder() / FOLDER / 'schema.json').read_text())
