"""Lines that ship together, over all their SKUs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import attrs

from backorderkit.errors import PolicyViolationError, shown
from backorderkit.model._checks import Problems, check_whole, raise_first, refuse
from backorderkit.model.orders import Order, OrderLine

GroupOf = Callable[[Order, OrderLine], str | None]
"""Names the group that a line ships with: a pure function; None is no group."""

BY_ORDER: Final = "order"


@attrs.frozen(kw_only=True)
class Together:
    """
    Says which lines ship together, and in how many shipments.

    A group is given units only where all its lines are complete then; with more than one
    shipment it may take what there is, but for the last of them, which is complete.  A
    group that cannot be served takes nothing from others.

    Args:
        by: ``"order"``: the lines of an order.  Or a function that names a line's group,
            such as a delivery address; None is no group.
        shipments: So many at most; 1 is only complete.  All that lines get on one day is
            one shipment; a group of which something has left already has had one.

    Raises:
        InvalidValueError: if *by* is neither, or *shipments* is below 1.

    >>> order = Order.of("SO-1", "2026-01-02", {"MUG": 5})
    >>> Together().group_of(order, order.lines[0])
    'SO-1'
    """

    by: Literal["order"] | GroupOf = "order"
    shipments: int = 1

    def __attrs_post_init__(self) -> None:
        """Refuse what names no group, and less than one shipment."""
        problems: Problems = []
        if self.by != BY_ORDER and (isinstance(self.by, type | str) or not callable(self.by)):
            refuse(problems, "by", self.by, "must be order or a function that names a group")
        check_whole(problems, "shipments", self.shipments, least=1)
        raise_first(problems)

    def group_of(self, order: Order, line: OrderLine, /) -> str | None:
        """
        Name the group of a line.

        Raises:
            PolicyViolationError: if the host's function gives no text.
        """
        if isinstance(self.by, str):
            return order.id
        group = self.by(order, line)
        if group is not None and not isinstance(group, str):
            detail = f"the group of order {order.id}, line {line.id} is {shown(group)}"
            raise PolicyViolationError(
                policy="together", clause="group", detail=f"{detail}, neither a text nor None"
            )
        return group
