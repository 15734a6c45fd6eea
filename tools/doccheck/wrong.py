# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is said of something in the documentation that is not true."""


class WrongError(Exception):
    """A block, a command or a name that does not fit the code; says what is accepted."""
