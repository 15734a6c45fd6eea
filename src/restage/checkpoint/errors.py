# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a checkpoint store."""


class StoreError(Exception):
    """The store cannot be made, opened or used; the message says why and what is accepted."""


class NoCheckpointError(StoreError):
    """No valid checkpoint of the wanted frame is in the store."""
