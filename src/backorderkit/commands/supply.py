"""What a host asks of stock and receipts."""

from __future__ import annotations

import attrs

from backorderkit.model._checks import (
    MAX_INTEGER,
    Problems,
    check_flag,
    check_text,
    check_whole,
    raise_first,
    refuse,
)
from backorderkit.model.ids import (
    DEFAULT_LOCATION,
    Location,
    ReceiptId,
    Sku,
)
from backorderkit.model.stock import ScheduledReceipt


@attrs.frozen(kw_only=True)
class ReceiveReceipt:
    """
    Put on hand what arrived of a scheduled receipt: all of it, a part, or more.

    Attributes:
        receipt: Which.
        quantity: How many units arrived; None for all that is expected.
        location: Where, if elsewhere than expected.
        more_to_come: Whether the rest of a part is still expected; if not, the
            receipt is closed short.
    """

    receipt: ReceiptId
    quantity: int | None = None
    location: Location | None = None
    more_to_come: bool = True

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "receipt", self.receipt)
        if self.quantity is not None:
            check_whole(problems, "quantity", self.quantity, least=1)
        if self.location is not None:
            check_text(problems, "location", self.location)
        check_flag(problems, "more_to_come", self.more_to_come)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class ReceiveStock:
    """
    Put on hand what arrived and nobody expected.

    Attributes:
        sku: What.
        location: Where.
        quantity: How many units.
    """

    sku: Sku
    location: Location = DEFAULT_LOCATION
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        _check_stock(self.sku, self.location, self.quantity, least=1)


@attrs.frozen(kw_only=True)
class ScheduleReceipt:
    """
    Expect a receipt that is new, or that is now like this: moved, grown, shrunk.

    Attributes:
        receipt: As it is now.
    """

    receipt: ScheduledReceipt

    def __attrs_post_init__(self) -> None:
        """Refuse what is no receipt."""
        problems: Problems = []
        if not isinstance(self.receipt, ScheduledReceipt):
            refuse(problems, "receipt", self.receipt, "must be a ScheduledReceipt")
        raise_first(problems)


@attrs.frozen(kw_only=True)
class CancelReceipt:
    """
    Expect a receipt no more.

    Attributes:
        receipt: Which.
    """

    receipt: ReceiptId

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "receipt", self.receipt)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class AdjustStock:
    """
    Correct what is on hand after a count, a loss, damage or a return.

    A loss first takes what nobody has.  Then it takes what is held: of the hold that
    expires last first.  Then it takes back allocations: those of the lowest priority
    first, and among these the youngest line's.

    Attributes:
        sku: What.
        location: Where.
        quantity: How many units more; negative for fewer.
        reason: The host's code for why.
    """

    sku: Sku
    location: Location = DEFAULT_LOCATION
    quantity: int
    reason: str

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        if self.quantity == 0 and type(self.quantity) is int:
            refuse(problems, "quantity", self.quantity, "must not be 0")
        check_text(problems, "reason", self.reason)
        raise_first(problems)
        _check_stock(self.sku, self.location, self.quantity, least=-MAX_INTEGER)


@attrs.frozen(kw_only=True)
class TransferStock:
    """
    Move units that nobody has, and nobody holds, from one location to another.

    Attributes:
        sku: What.
        origin: From where.
        destination: To where.
        quantity: How many units.
    """

    sku: Sku
    origin: Location
    destination: Location
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "destination", self.destination)
        if self.origin == self.destination:
            refuse(problems, "destination", self.destination, "must not be the origin")
        raise_first(problems)
        _check_stock(self.sku, self.origin, self.quantity, least=1)


def _check_stock(sku: object, location: object, quantity: object, *, least: int) -> None:
    problems: Problems = []
    check_text(problems, "sku", sku)
    check_text(problems, "location", location)
    check_whole(problems, "quantity", quantity, least=least)
    raise_first(problems)
