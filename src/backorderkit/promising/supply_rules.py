"""Which supply counts for a promise, and when it is believed to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Protocol, runtime_checkable

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    Problems,
    check_flag,
    check_whole,
    raise_first,
    refuse,
    require_time,
)
from backorderkit.model.orders import OrderLine
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.given import not_a

Peg = Literal["earliest", "latest"]
"""Which supply a demand is pegged to: the first there is, or the last that is in time."""

_PEGS: Final[tuple[Peg, ...]] = ("earliest", "latest")
_SWITCHES: Final = ("planned", "purchase")
_MOST_DAYS: Final = 36_525
_DAYS: Final = ("overdue_for", "overdue_offset", "demand_for", "demand_offset")


@runtime_checkable
class Outlook(Protocol):
    """Says when a receipt is believed to come, and how much of it."""

    def expected(self, receipt: ScheduledReceipt, /, *, as_of: datetime) -> ScheduledReceipt | None:
        """Give the receipt as it is believed in; None for not at all.  The id stays."""
        ...


@attrs.frozen(kw_only=True)
class SupplyRules:
    """
    Which supply counts for a promise.

    Attributes:
        planned: Whether receipts count that are not ``firm``.
        overdue_for: For how many days after it was due a receipt still counts (the supply
            fence); None is for ever.  0 counts those that are due today or later.
        overdue_offset: An overdue receipt is assumed to come in so many days from now.
        purchase: Whether more can be bought as the last resort, in the
            ``lead_time_days`` of items that have such.
        peg: ``"earliest"`` lets each demand have the first supply there is, as `plan` does;
            what is left is promised.  ``"latest"`` lets a line that is requested for a later
            day wait for supply that comes by then, so that what is there before can go to
            somebody else: the look-ahead of `AtpTable.available`.  A host that allocates what
            is on hand at once, as the service does, wants the first.
        demand_for: With ``"latest"``: for how many days after its requested day an
            open line still holds supply (the demand fence); None is for ever.
        demand_offset: With ``"latest"``: a line whose requested day is over is
            assumed to want its units in so many days from now.
        outlook: Moves receipts to where experience says they come, such as
            `Reliability.at`; None takes them at their word.

    >>> from backorderkit.model import ReceiptId, Sku, read_time
    >>> late = ScheduledReceipt(
    ...     id=ReceiptId("PO-7"), sku=Sku("MUG"), quantity=50, due=read_time("2026-01-02")
    ... )
    >>> now = read_time("2026-01-05")
    >>> SupplyRules(overdue_offset=1).expected(late, as_of=now).due.day
    6
    >>> SupplyRules(overdue_for=2).expected(late, as_of=now) is None
    True
    """

    planned: bool = True
    overdue_for: int | None = None
    overdue_offset: int = 0
    purchase: bool = True
    peg: Peg = "earliest"
    demand_for: int | None = None
    demand_offset: int = 0
    outlook: Outlook | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        for field in _SWITCHES:
            check_flag(problems, field, getattr(self, field))
        for field in _DAYS:
            days = getattr(self, field)
            if days is not None:
                check_whole(problems, field, days, least=0)
                if type(days) is int and days > _MOST_DAYS:
                    refuse(problems, field, days, f"must be <= {_MOST_DAYS}, a hundred years")
        for field in ("overdue_offset", "demand_offset"):
            if getattr(self, field) is None:
                refuse(problems, field, None, "must be a whole number")
        if self.peg not in _PEGS:
            refuse(problems, "peg", self.peg, "must be earliest or latest")
        if self.outlook is not None and (
            isinstance(self.outlook, type) or not isinstance(self.outlook, Outlook)
        ):
            refuse(problems, "outlook", self.outlook, "must be an object with expected(receipt)")
        raise_first(problems)

    def expected(self, receipt: ScheduledReceipt, /, *, as_of: datetime) -> ScheduledReceipt | None:
        """
        Give a receipt as it counts: when it is assumed to come and how much of it, or None.

        The fence looks at the due date that was agreed, in days of UTC; the outlook is asked
        next; the offset holds for what would still be overdue then.

        Raises:
            InvalidValueError: if *as_of* is no time, or the outlook gives what is no belief
                in this receipt.
        """
        require_time("as_of", as_of)
        if not isinstance(receipt, ScheduledReceipt):
            raise not_a("receipt", receipt, "ScheduledReceipt")
        as_of = as_of.astimezone(UTC)
        days_over = (as_of.date() - receipt.due.date()).days
        if not (self.planned or receipt.firm):
            return None
        if self.overdue_for is not None and days_over > self.overdue_for:
            return None
        believed: ScheduledReceipt | None = receipt
        if self.outlook is not None:
            believed = self.outlook.expected(receipt, as_of=as_of)
            _check_belief(believed, receipt)
        if believed is not None and self.overdue_offset and believed.is_overdue(as_of=as_of):
            due = _later(as_of, self.overdue_offset)
            return None if due is None else attrs.evolve(believed, due=due)
        return believed

    def seen(self, snapshot: Snapshot, /) -> Snapshot:
        """
        Give a snapshot with its receipts as they count, to plan and promise by.

        O(lines); an `Availability` looks at the SKUs that it is asked for only.
        """
        if not isinstance(snapshot, Snapshot):
            raise not_a("snapshot", snapshot, "Snapshot")
        as_of = snapshot.as_of
        counted = (self.expected(receipt, as_of=as_of) for receipt in snapshot.receipts)
        receipts = tuple(receipt for receipt in counted if receipt is not None)
        return snapshot._with(  # noqa: SLF001 - ids and SKUs are as they were
            stock=snapshot.stock,
            receipts=receipts,
            orders=snapshot.orders,
            allocations=snapshot.allocations,
            backorders=snapshot.backorders,
            holds=snapshot.holds,
        )

    def needed_at(self, line: OrderLine, /, *, as_of: datetime) -> datetime | None:
        """
        Say when an open line needs its units; None if it holds no supply any more.

        With ``"earliest"`` that is at once.

        Raises:
            InvalidValueError: if one of these is no such thing.
        """
        require_time("as_of", as_of)
        if not isinstance(line, OrderLine):
            raise not_a("line", line, "OrderLine")
        if self.peg == "earliest" or line.requested is None:
            return as_of
        as_of = as_of.astimezone(UTC)
        days_over = (as_of.date() - line.requested.date()).days
        if days_over <= 0:
            return max(as_of, line.requested)
        if self.demand_for is not None and days_over > self.demand_for:
            return None
        return _later(as_of, self.demand_offset)


def _later(as_of: datetime, days: int) -> datetime | None:
    """Give the moment some days on; a date beyond the calendar is never."""
    try:
        return as_of + timedelta(days=days)
    except OverflowError:
        return None


def _check_belief(believed: object, receipt: ScheduledReceipt) -> None:
    if believed is None:
        return
    if not isinstance(believed, ScheduledReceipt):
        reason = "must expect a ScheduledReceipt or None"
    elif (believed.id, believed.sku, believed.location) != (
        receipt.id,
        receipt.sku,
        receipt.location,
    ):
        reason = f"must expect receipt {receipt.id} of {receipt.sku} at {receipt.location}"
    else:
        return
    raise InvalidValueError(field="outlook", value=believed, reason=reason)
