# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The bundled detector in the file formats of the frameworks."""
