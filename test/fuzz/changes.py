# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Changes that leave the form of an input whole, so that more than its first check is reached."""

from __future__ import annotations

import copy
import json
import math
from random import Random
from typing import Any

import yaml

ODD: list[Any] = [
    None, True, 0, -1, 1, 62, 64, 2**31, 2**32, 2**63 - 1, -(2**63), 2**64, 10**40, 10**400,
    0.5, -0.5, 1e308, math.nan, math.inf, -math.inf,
    '', 'a', '\0', '\ud800', '../x', '~nobody/x', '/dev/null', '[/]', '9' * 500, 'n' * 3000, '٣',
    [], {}, [[]], {'': 0}, [0] * 100,
]  # fmt: skip
_TIMES = 3


def changed(data: bytes, form: str, random: Random) -> bytes | None:
    """
    Return ``data`` with up to three parts changed; None where it is not of that form.

    ``form``: ``json``, ``lines`` (of JSON), ``safetensors`` (their header), ``yaml`` or ``onnx``.
    """
    try:
        return FORMS[form](data, random)
    except Exception:  # what was changed before may be anything
        return None


def _json(data: bytes, random: Random) -> bytes:
    return json.dumps(_tree(json.loads(data), random)).encode()


def _lines(data: bytes, random: Random) -> bytes:
    lines = data.split(b'\n')
    place = random.randrange(len(lines))
    what = random.randrange(6)
    if what == 0:
        lines.insert(place, random.choice(lines))
    elif what == 1:
        del lines[place]
    elif what == 2:
        lines[place] = lines[place][: random.randrange(len(lines[place]) + 1)]
    else:
        lines[place] = _json(lines[place], random)
    return b'\n'.join(lines)


def _safetensors(data: bytes, random: Random) -> bytes:
    """Let names, types and shapes be others, of the same sizes: the library accepts no gap."""
    header = json.loads(data)
    names = [name for name in header if name != '__metadata__']
    for _ in range(random.randint(1, _TIMES)):
        name, other = random.sample(names, 2)
        entry = header[name]
        what = random.randrange(5)
        if what == 0:
            names[names.index(name)] = new = random.choice(
                ['', 'x', f'{name}x', f'a.bound.{other}']
            )
            header[new] = header.pop(name)
        elif what == 1:
            header[name], header[other] = header[other], entry
        elif what == 2:
            entry['dtype'] = random.choice(['I32', 'U32', 'F32'])
        elif what == 3:
            shape = random.sample(entry['shape'], len(entry['shape']))
            entry['shape'] = random.choice(
                [shape, [math.prod(shape)], [*shape, 1], [1] * 70 + shape]
            )
        else:
            end = max(header[one]['data_offsets'][1] for one in names)
            shape = random.choice([[0], [0, 2**40], [2**62, 0]])
            header['empty'] = {'dtype': 'F32', 'shape': shape, 'data_offsets': [end, end]}
    text = json.dumps(header).encode()
    return text if random.randrange(4) else _json(text, random)


def _yaml(data: bytes, random: Random) -> bytes:
    tree = _tree(yaml.load(data, yaml.CSafeLoader), random)
    text = yaml.dump(tree, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=False)
    return bytes(text.encode('utf-8', 'surrogatepass'))


def _tree(tree: Any, random: Random) -> Any:
    """Return plain data of the same kind, with parts replaced, removed, doubled or renamed."""
    holder = [tree]
    for _ in range(random.randint(1, _TIMES)):
        places = list(_places(holder))
        inside, key = random.choice(places)
        what = random.randrange(8)
        if what == 0 and inside is not holder:
            del inside[key]
        elif what == 1:
            other, at = random.choice(places)
            inside[key] = copy.deepcopy(other[at])
        elif what == 2 and isinstance(inside, dict):
            inside[random.choice([*inside, *(odd for odd in ODD if isinstance(odd, str))])] = (
                inside.pop(key)
            )
        elif what == 3 and isinstance(inside, list) and inside is not holder:
            inside.insert(key, copy.deepcopy(inside[key]))
        elif what == 4 and type(inside[key]) in (int, float):
            inside[key] = _number(inside[key], random)
        elif what == 5 and isinstance(inside[key], str):
            text = inside[key]
            at = random.randint(0, len(text))
            new = chr(random.randrange(1, 256))
            inside[key] = text[:at] + new + text[at + random.choice((0, 1)) :]
        else:
            inside[key] = copy.deepcopy(random.choice(ODD))
    return holder[0]


def _number(value: float, random: Random) -> float:
    return random.choice([value + 1, value - 1, -value, value * 2, value * 1000, float(value)])


def _places(inside: Any) -> Any:
    keys = list(inside) if isinstance(inside, dict) else range(len(inside))
    for key in keys:
        yield inside, key
        if isinstance(inside[key], (dict, list)):
            yield from _places(inside[key])


def _onnx(data: bytes, random: Random) -> bytes:
    import onnx

    model = onnx.ModelProto.FromString(data)
    for _ in range(random.randint(1, _TIMES)):
        parts = list(_messages(model))
        part = random.choice(parts)
        field = random.choice(part.DESCRIPTOR.fields)
        if random.randrange(4) == 0:
            part.ClearField(field.name)
        elif field.message_type is not None:
            same = [one for one in parts if one.DESCRIPTOR is field.message_type]
            target = getattr(part, field.name)
            many = hasattr(target, 'add')
            if many and len(target) and random.randrange(2):
                del target[random.randrange(len(target))]
            elif same:
                chosen = copy.deepcopy(random.choice(same))
                (target.add() if many else target).CopyFrom(chosen)
        else:
            _set(part, field.name, random)
    return bytes(model.SerializeToString())


def _messages(message: Any) -> Any:
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in value if hasattr(value, 'add') else [value]:
                yield from _messages(one)


def _set(part: Any, name: str, random: Random) -> None:
    """Give a number or text another value that the field takes."""
    value = getattr(part, name)
    many = hasattr(value, 'append')
    for new in random.sample([*ODD, b'', b'\xff' * 9], len(ODD)):
        try:
            if many:
                value.append(new)
            else:
                setattr(part, name, new)
        except (TypeError, ValueError, UnicodeError):
            continue
        return


FORMS = {
    'json': _json,
    'lines': _lines,
    'safetensors': _safetensors,
    'yaml': _yaml,
    'onnx': _onnx,
}
