# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Python and YAML of the documentation: it compiles, its imports are there, it is valid."""

from __future__ import annotations

import ast
import importlib
import json
from typing import Any

import yaml

from doccheck.pages import ROOT
from doccheck.ros2_command import node_executable, parameters_of
from doccheck.wrong import WrongError

SCHEMA = ROOT / 'config' / 'models' / 'schema.json'


def check_python(text: str) -> None:
    """
    Compile a snippet and look its imports up.

    :raises WrongError: when it does not compile, or imports what is not there.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise WrongError(f'line {error.lineno}: {error.msg}') from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                _imported(one.name)
        elif isinstance(node, ast.ImportFrom):
            module = _imported(node.module or '')
            for one in node.names:
                if not hasattr(module, one.name):
                    raise WrongError(f"'{node.module}' has no '{one.name}'")


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise WrongError(str(error)) from None


def check_yaml(text: str) -> None:
    """
    Validate a snippet as what it is: a scenario, a model, part of one, or parameters.

    :raises WrongError: when it is none of them, or not a valid one.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise WrongError(str(error)) from None
    if not isinstance(data, dict):
        raise WrongError('no mapping')
    if 'faults' in data:
        _scenario(data)
    elif any('ros__parameters' in str(one) for one in data.values()):
        _parameters(data)
    else:
        _model(data)


def _scenario(data: dict[str, Any]) -> None:
    from restage.faults.scenario_file import parse_scenario

    try:
        parse_scenario(data, 'snippet')
    except ValueError as error:
        raise WrongError(str(error)) from None


def _model(data: dict[str, Any]) -> None:
    from jsonschema import Draft202012Validator

    schema = json.loads(SCHEMA.read_text(encoding='utf-8'))
    if 'schema' not in data:
        # Part of a description.
        schema.pop('required')
    for error in Draft202012Validator(schema).iter_errors(data):
        raise WrongError(
            f'no scenario, no parameters, and as a model: {error.json_path}: {error.message}'
        )


def _parameters(data: dict[str, Any]) -> None:
    for pattern, section in data.items():
        known = parameters_of(node_executable(pattern))
        unknown = set(section['ros__parameters']) - known
        if unknown:
            raise WrongError(f"'{pattern}' has no parameter {', '.join(sorted(unknown))}")
