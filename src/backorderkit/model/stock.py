"""Supply: what is there, and what is expected."""

from __future__ import annotations

from datetime import datetime

import attrs

from backorderkit.model._checks import (
    Problems,
    check_flag,
    check_label,
    check_text,
    check_time,
    check_whole,
    raise_first,
    require_time,
    settle_in_utc,
)
from backorderkit.model.ids import DEFAULT_LOCATION, Location, ReceiptId, Sku


@attrs.frozen(kw_only=True)
class StockLevel:
    """
    Units of one SKU that are physically at one location.

    Attributes:
        sku: What is there.
        location: Where.
        on_hand: How much, in smallest units.
        safety_stock: How much of it planning leaves alone; a receipt refills
            what is missing of it before anything else.
    """

    sku: Sku
    location: Location = DEFAULT_LOCATION
    on_hand: int
    safety_stock: int = 0

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "sku", self.sku)
        check_text(problems, "location", self.location)
        check_whole(problems, "on_hand", self.on_hand, least=0)
        check_whole(problems, "safety_stock", self.safety_stock, least=0)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class StockPosition:
    """
    A pool: what is there, and what of it is assigned or held.

    >>> mugs = StockPosition(sku=Sku("MUG"), on_hand=7, allocated=2, held=1, safety_stock=1)
    >>> mugs.unallocated, mugs.free, mugs.available, mugs.withheld
    (5, 4, 3, 1)
    """

    sku: Sku
    location: Location = DEFAULT_LOCATION
    on_hand: int = 0
    safety_stock: int = 0
    allocated: int = 0
    held: int = 0

    @property
    def unallocated(self) -> int:
        """Units there that belong to no line."""
        return self.on_hand - self.allocated

    @property
    def free(self) -> int:
        """Units there that belong to no line and are held for nobody."""
        return max(0, self.unallocated - self.held)

    @property
    def available(self) -> int:
        """Units that planning may give away: free ones beyond the safety stock."""
        return max(0, self.free - self.safety_stock)

    @property
    def withheld(self) -> int:
        """Free units that stay as safety stock."""
        return self.free - self.available

    @property
    def missing(self) -> int:
        """Units that holds and safety stock lack; the next receipts refill them first."""
        return max(0, self.held + self.safety_stock - self.unallocated)


@attrs.frozen(kw_only=True)
class ScheduledReceipt:
    """
    Supply that is expected: a purchase order line, a transfer, a production run.

    Attributes:
        id: Unique in a snapshot.
        sku: What arrives.
        location: Where it arrives.
        quantity: How much, in smallest units.
        due: When.  It may lie in the past: then the receipt is late and is
            promised for the day of planning.
        supplier: From whom; empty if nobody says.
        firm: Whether it is ordered, and confirmed by whoever supplies it.  If not, it is
            planned: a proposal of a planner.  Planning counts on both alike; promising
            may leave out what is planned.
    """

    id: ReceiptId
    sku: Sku
    location: Location = DEFAULT_LOCATION
    quantity: int
    due: datetime
    supplier: str = ""
    firm: bool = True

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_text(problems, "id", self.id)
        check_text(problems, "sku", self.sku)
        check_text(problems, "location", self.location)
        check_whole(problems, "quantity", self.quantity, least=1)
        check_time(problems, "due", self.due)
        check_label(problems, "supplier", self.supplier)
        check_flag(problems, "firm", self.firm)
        raise_first(problems)
        settle_in_utc(self, "due")

    def is_overdue(self, *, as_of: datetime) -> bool:
        """
        Tell whether its day, in UTC, lies before the day of *as_of*.

        Raises:
            InvalidValueError: if *as_of* is no time, or naive.
        """
        require_time("as_of", as_of)
        return self.due.date() < as_of.astimezone(self.due.tzinfo).date()
