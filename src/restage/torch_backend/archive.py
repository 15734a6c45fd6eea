# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What may be in the file of an exported program: of some of the rest, PyTorch runs the code."""

from __future__ import annotations

import io
import json
import re
import zipfile

import torch

PROGRAM = 'models/model.json'
# Numbers, and text about them. Not, for instance, objects that torch.export.load unpickles
# (data/constants/opaque_obj_*, custom_obj_*) and libraries that it opens (data/aotinductor/).
_RECORDS = re.compile(
    rf'{re.escape(PROGRAM)}|archive_format|archive_version|byteorder|version|\.data/\w+|extra/[^/]+'
    r'|data/weights/(weight_\d+|model_weights_config\.json)'
    r'|data/constants/(tensor_\d+|model_constants_config\.json)'
    r'|data/(weights|constants|sample_inputs)/model\.pt'
)
# In the structure of inputs and outputs: names of modules that would be imported.
_IMPORTS = re.compile(r'__enum__|defaultdict|\\u')


def check_archive(content: bytes) -> None:
    """
    Look for what could run when the archive is loaded, or its program decomposed.

    :raises ValueError: says what there is.
    """
    # Both readers that torch.export.load has, so that nothing is in it for one of them alone.
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name.partition('/')[2] for name in archive.namelist()]
    reader = torch._C.PyTorchFileReader(io.BytesIO(content))
    for name in (*names, *reader.get_all_records()):
        if not _RECORDS.fullmatch(name):
            raise ValueError(f"it holds '{name}'")
    todo = [json.loads(reader.get_record(PROGRAM))]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                _check(key, item)
        if isinstance(value, (dict, list)):
            todo.extend(value.values() if isinstance(value, dict) else value)


def _check(key: str, item: object) -> None:
    # PyTorch gives such a shape to sympy.sympify, which evaluates it.
    if key == 'expr_str':
        raise ValueError('it holds a shape that is not fixed')
    # And such a condition to exec.
    if key == 'guards_code' and item:
        raise ValueError('it holds conditions on its input that are code')
    if key in ('in_spec', 'out_spec') and _IMPORTS.search(str(item)):
        raise ValueError('it takes or returns something else than tensors, tuples and dicts')
