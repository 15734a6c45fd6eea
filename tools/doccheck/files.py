# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Files that a page names: of the repository, made by a command before, or the reader's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from doccheck.pages import ROOT, table
from doccheck.wrong import WrongError

_FILE = re.compile(
    r'.+\.(yaml|yml|json|jsonl|onnx|pt2|pth|pt|safetensors|mp4|txt|py|xml|mcap|db3|html|png|csv)'
)


@cache
def yours() -> frozenset[str]:
    """Return the names that stand for files of the reader's."""
    named = ' '.join(row['name'] for row in table('docs/index.md', 'placeholders'))
    return frozenset(re.findall(r'`([^`]+)`', named))


@dataclass
class Files:
    """What the commands of one page have made so far."""

    made: set[str] = field(default_factory=set)

    def make(self, path: str) -> None:
        """Take note of a file, or of a folder with all that is in it."""
        self.made.add(path.rstrip('/'))

    def check(self, path: str) -> None:
        """
        Look whether ``path`` is there.

        :raises WrongError: when it is neither in the repository, nor made before, nor the reader's.
        """
        if path in yours() or (ROOT / path).exists() or path.startswith('~/'):
            return
        if {path, *map(str, Path(path).parents)} & self.made:
            return
        raise WrongError(
            f"'{path}' is not in the repository, no command before it makes it, and the table of "
            f'docs/index.md does not say that it is yours: {", ".join(sorted(yours()))}'
        )


def looks_like_file(word: str) -> bool:
    """Tell whether a word of a command line names a file or folder."""
    return bool(_FILE.fullmatch(word)) or '/' in word
