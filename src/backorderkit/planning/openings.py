"""What rules bring into a plan: units that lines get on a later day, contracts that break."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs

from backorderkit.model.ids import LineId, Location, OrderId, ReceiptId, Sku
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.policies.contracts import Contract


@attrs.frozen(kw_only=True)
class Opening:
    """
    A later day on which lines may take what lies there.

    Attributes:
        due: When, see `start_of`.
        location: Where.
        receipt: With which receipt the units will have come; None if they are on hand.
    """

    due: datetime
    location: Location
    receipt: ScheduledReceipt | None = None

    @property
    def id(self) -> ReceiptId | None:
        """The receipt's, if there is one."""
        return self.receipt.id if self.receipt else None

    def is_overdue(self, *, as_of: datetime) -> bool:
        """Say that it never is: it is a day to come."""
        return self.due < as_of


def start_of(day: int) -> datetime:
    """Give the first moment of a day, see `day_of`."""
    return datetime.fromordinal(day).replace(tzinfo=UTC)


@attrs.frozen(kw_only=True)
class BrokenContract:
    """
    A line's contract that cannot be kept; its SKU stays as it was.

    Attributes:
        order: Whose order.
        line: Which line of it.
        sku: Of what.
        segment: Which segment it is in; empty for a frozen line in none.
        contract: Which one.
        by: The day by which units are owed, at its start.
        owed: How many are owed by then, of what the line waits for.
        got: How many it would get by then.
    """

    order: OrderId
    line: LineId
    sku: Sku
    segment: str
    contract: Contract
    by: datetime
    owed: int
    got: int

    def __str__(self) -> str:
        """Say it in a sentence."""
        return (
            f"order {self.order}, line {self.line} (SKU {self.sku}):"
            f" {f'segment {self.segment}' if self.segment else 'what is frozen'}"
            f" owes {self.owed} by {self.by:%Y-%m-%d}, and {self.got} can be had;"
            " the SKU stays as it was"
        )
