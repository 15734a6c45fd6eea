# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Write ``docs/reference/``, or with --check say which of its pages are out of date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reference.pages import pages

FOLDER = Path(__file__).resolve().parents[2] / 'docs' / 'reference'


def main() -> int:
    """Write or check; return 0, or 1 when a page is out of date."""
    parser = argparse.ArgumentParser(prog='python -m reference', description=__doc__)
    parser.add_argument('--check', action='store_true', help='write nothing')
    check = parser.parse_args().check
    stale = []
    for name, text in pages().items():
        path = FOLDER / f'{name}.md'
        if not path.is_file() or path.read_text(encoding='utf-8') != text:
            stale.append(str(path.relative_to(FOLDER.parents[1])))
            if not check:
                path.write_text(text, encoding='utf-8')
    if stale:
        print(f'{"out of date" if check else "written"}: {", ".join(stale)}')
        if check:
            print('`make reference` writes them anew', file=sys.stderr)
    return int(check and bool(stale))


if __name__ == '__main__':
    raise SystemExit(main())
