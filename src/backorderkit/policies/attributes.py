"""What a line can be asked for by name: which kind of value each attribute has, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

import attrs

from backorderkit.model.orders import Order, OrderLine

Attribute = Literal[
    "order",
    "line",
    "sku",
    "location",
    "customer",
    "channel",
    "priority",
    "sequence",
    "placed_at",
    "requested",
    "cancel_after",
    "ordered",
    "shipped",
    "cancelled",
    "claim",
    "outstanding",
    "unit_price",
    "currency",
]
"""What a `Condition` may be about: the model's own names; ``order`` and ``line`` are ids."""

ATTRIBUTES: Final[tuple[Attribute, ...]] = get_args(Attribute)

Value: TypeAlias = str | int | Decimal | datetime
"""What an attribute may be."""

Kind = Literal["text", "whole", "money", "time"]
"""Texts, whole numbers, exact numbers, instants."""


@attrs.frozen(kw_only=True)
class Known:
    """
    What is known of an attribute.

    Attributes:
        kind: What its values are.
        may_lack: Whether there are lines without; an empty text is none.
        of_order: Reads it from an order, where it is the same for all lines of it.
        of_line: Reads it from a line, where it is the line's own.
    """

    kind: Kind
    may_lack: bool = False
    of_order: Callable[[Order], Value | None] | None = None
    of_line: Callable[[OrderLine], Value | None] | None = None

    def read(self, order: Order, line: OrderLine) -> Value | None:
        """Read it of one line: its own, or else its order's; an empty text is None."""
        value = None if self.of_line is None else self.of_line(line)
        if value is None and self.of_order is not None:
            value = self.of_order(order)
        return None if value == "" else value


# The getters of the standard library read a column faster than functions of ours.
KNOWN: Final[Mapping[Attribute, Known]] = MappingProxyType(
    {
        "order": Known(kind="text", of_order=attrgetter("id")),
        "line": Known(kind="text", of_line=attrgetter("id")),
        "sku": Known(kind="text", of_line=attrgetter("sku")),
        "location": Known(kind="text", may_lack=True, of_line=attrgetter("location")),
        "customer": Known(kind="text", may_lack=True, of_order=attrgetter("customer")),
        "channel": Known(kind="text", may_lack=True, of_order=attrgetter("channel")),
        "priority": Known(kind="whole", of_order=attrgetter("priority")),
        "sequence": Known(kind="whole", of_order=attrgetter("sequence")),
        "placed_at": Known(
            kind="time", of_line=attrgetter("placed_at"), of_order=attrgetter("placed_at")
        ),
        "requested": Known(kind="time", may_lack=True, of_line=attrgetter("requested")),
        "cancel_after": Known(kind="time", may_lack=True, of_line=attrgetter("cancel_after")),
        "ordered": Known(kind="whole", of_line=attrgetter("ordered")),
        "shipped": Known(kind="whole", of_line=attrgetter("shipped")),
        "cancelled": Known(kind="whole", of_line=attrgetter("cancelled")),
        "claim": Known(kind="whole", of_line=attrgetter("claim")),
        "outstanding": Known(kind="whole", of_line=attrgetter("outstanding")),
        "unit_price": Known(kind="money", may_lack=True, of_line=attrgetter("unit_price")),
        "currency": Known(kind="text", may_lack=True, of_line=attrgetter("currency")),
    }
)
"""All of them."""
