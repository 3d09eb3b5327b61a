"""What a host asks for when one line is to have what others have."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_text,
    check_whole,
    raise_first,
    refuse,
)
from backorderkit.model.ids import LineId, Location, OrderId, ReceiptId


@attrs.frozen(kw_only=True)
class TakenUnits:
    """
    Units that one line gives away: allocated ones at a location, or promised ones of a receipt.

    Attributes:
        order: Whose order; None, together with *line*, for units on hand that nobody has.
        line: Which line of it.
        quantity: How many, in smallest units.
        location: Where the units are, if they are on hand.
        receipt: Which receipt brings them, if they are promised.

    >>> TakenUnits(order=OrderId("SO-1"), line=LineId("1"), quantity=2, location=Location("MAIN"))
    TakenUnits(order='SO-1', line='1', quantity=2, location='MAIN', receipt=None)
    """

    order: OrderId | None = None
    line: LineId | None = None
    quantity: int
    location: Location | None = None
    receipt: ReceiptId | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        if (self.order is None) != (self.line is None):
            refuse(problems, "line", self.line, "must be given with the order, and not without")
        for field in ("order", "line", "location", "receipt"):
            if getattr(self, field) is not None:
                check_text(problems, field, getattr(self, field))
        check_whole(problems, "quantity", self.quantity, least=1)
        if (self.location is None) == (self.receipt is None):
            reason = "must be given instead of a location, or not at all"
            refuse(problems, "receipt", self.receipt, reason)
        elif self.order is None and self.location is None:
            refuse(problems, "order", self.order, "must be given with a receipt")
        raise_first(problems)


def _taken(given: Iterable[TakenUnits]) -> tuple[TakenUnits, ...]:
    return as_tuple("taken", given)


@attrs.frozen(kw_only=True)
class Reassign:
    """
    Give one line units that others have, by hand: no policy is asked about these.

    Whoever gives units away waits for them again, in the old place, and is promised anew.
    `backorderkit.promising.displace` finds whose units to take.

    Attributes:
        order: Who gets them.
        line: Which line of it; it gets no more than it waits for.
        taken: What is taken, all of it or nothing.  Promised units stay with the line only
            where promises are kept, as `KeepPromises` does.
    """

    order: OrderId
    line: LineId
    taken: tuple[TakenUnits, ...] = attrs.field(converter=_taken)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "order", self.order)
        check_text(problems, "line", self.line)
        if not self.taken:
            refuse(problems, "taken", self.taken, "must hold some units")
        for index, each in enumerate(self.taken):
            path = f"taken[{index}]"
            if not isinstance(each, TakenUnits):
                refuse(problems, "taken", each, "must be TakenUnits", path)
            elif (each.order, each.line) == (self.order, self.line):
                refuse(problems, "line", each.line, "must not be the line itself", f"{path}.line")
        raise_first(problems)
