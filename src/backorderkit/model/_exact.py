"""Arithmetic with money that rounds nothing, whatever the host's decimal context says."""

from __future__ import annotations

from decimal import Context
from typing import Final

# Room for any price times any quantity, and for the sum of more lines than there can be.
EXACT: Final = Context(prec=200)
