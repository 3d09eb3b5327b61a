"""Typed ids: plain strings at run time, distinct types for a type checker."""

from __future__ import annotations

from typing import Final, NewType

Sku = NewType("Sku", str)
"""A stock keeping unit: what is ordered, stocked and received."""

Location = NewType("Location", str)
"""A place with stock of its own."""

OrderId = NewType("OrderId", str)
"""An order, unique in a snapshot."""

LineId = NewType("LineId", str)
"""A line, unique in its order."""

ReceiptId = NewType("ReceiptId", str)
"""A scheduled receipt, unique in a snapshot."""

HoldId = NewType("HoldId", str)
"""Whose units are held: a cart's, a quote's."""

DEFAULT_LOCATION: Final = Location("MAIN")
"""Where stock is when nobody says otherwise: most shops have one place."""
