# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether PyPI's vulnerability service can be asked here."""

from __future__ import annotations

import urllib.error
import urllib.request

# It answers for each release; an index that only mirrors files answers 404 for all of them.
KNOWN = 'https://pypi.org/pypi/pip/24.0/json'
PATIENCE_S = 5.0


def unreachable(url: str = KNOWN, patience_s: float = PATIENCE_S) -> str:
    """Return why the service cannot be asked, or an empty string."""
    try:
        with urllib.request.urlopen(url, timeout=patience_s) as answer:  # noqa: S310 - our own URL
            return '' if b'"vulnerabilities"' in answer.read() else 'it knows no vulnerabilities'
    except urllib.error.HTTPError as error:
        return f'it answers {error.code} for a release that exists'
    except OSError as error:
        return str(getattr(error, 'reason', error))
