"""The diff vocabulary: one fact each, in the past tense."""

from __future__ import annotations

import attrs

from backorderkit.model._checks import Problems, check_text, check_whole, raise_first
from backorderkit.model.backorders import (
    Promise,
    check_line_key,
    check_promises,
    in_order,
    promise_tuple,
)
from backorderkit.model.ids import DEFAULT_LOCATION, LineId, Location, OrderId


@attrs.frozen(kw_only=True)
class Allocated:
    """
    Units on hand were assigned to a line, on top of what it held.

    Attributes:
        order: Whose order.
        line: Which line of it.
        location: Where the units are.
        quantity: How many were added, in smallest units.
    """

    order: OrderId
    line: LineId
    location: Location = DEFAULT_LOCATION
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_line_key(problems, self.order, self.line)
        check_text(problems, "location", self.location)
        check_whole(problems, "quantity", self.quantity, least=1)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Backordered:
    """
    A line's backorder got another size.

    Attributes:
        order: Whose order.
        line: Which line of it.
        quantity: What waits now in all, in smallest units; 0 closes the backorder.
    """

    order: OrderId
    line: LineId
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_line_key(problems, self.order, self.line)
        check_whole(problems, "quantity", self.quantity, least=0)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Promised:
    """
    What a waiting line was told is now this, instead of whatever it was.

    Attributes:
        order: Whose order.
        line: Which line of it.
        promises: The whole new list, by (due, receipt); empty takes all back.
    """

    order: OrderId
    line: LineId
    promises: tuple[Promise, ...] = attrs.field(converter=promise_tuple)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_line_key(problems, self.order, self.line)
        check_promises(problems, self.promises)
        raise_first(problems)
        object.__setattr__(self, "promises", in_order(self.promises))


Change = Allocated | Backordered | Promised
"""Any one fact in a plan."""
