"""Receipts of the past, and what each of them says of lateness and of shortfall."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import attrs

from backorderkit.errors import InvalidInputError
from backorderkit.model._checks import (
    Problems,
    check_label,
    check_text,
    check_time,
    check_whole,
    raise_first,
    refuse,
    settle_in_utc,
)
from backorderkit.model.ids import ReceiptId, Sku
from backorderkit.promising.curves import Seen


@attrs.frozen(kw_only=True)
class PastReceipt:
    """
    What became of a scheduled receipt, or of one part of it.

    Parts of one receipt share its id, SKU, supplier and due date; what was ordered of
    each adds up.  A receipt is here when the last part is of which anything came.

    Attributes:
        id: Whose receipt or part this is.
        sku: What was to come.
        supplier: From whom; empty if nobody says.
        due: When it was to come, as first told.  Only the day counts, in UTC.
        received_at: When it came; None while it is under way.
        ordered: How much was to come, in smallest units.
        received: How much came; 0 while it is under way, or if it came to nothing.
        rejected: How much of that was no good.

    >>> from backorderkit.model.times import read_time
    >>> PastReceipt(
    ...     id=ReceiptId("PO-7"),
    ...     sku=Sku("MUG"),
    ...     supplier="Kiln",
    ...     due=read_time("2026-01-12"),
    ...     received_at=read_time("2026-01-14"),
    ...     ordered=40,
    ...     received=38,
    ...     rejected=2,
    ... ).good
    36
    """

    id: ReceiptId
    sku: Sku
    supplier: str = ""
    due: datetime
    received_at: datetime | None = None
    ordered: int
    received: int = 0
    rejected: int = 0

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_text(problems, "id", self.id)
        check_text(problems, "sku", self.sku)
        check_label(problems, "supplier", self.supplier)
        check_time(problems, "due", self.due)
        if self.received_at is not None:
            check_time(problems, "received_at", self.received_at)
        for field, least in (("ordered", 1), ("received", 0), ("rejected", 0)):
            check_whole(problems, field, getattr(self, field), least=least)
        if not problems and self.rejected > self.received:
            refuse(problems, "rejected", self.rejected, f"must be <= received, {self.received}")
        if not problems and self.received and self.received_at is None:
            refuse(problems, "received", self.received, "must be 0 while it is under way")
        raise_first(problems)
        settle_in_utc(self, "due", "received_at")

    @property
    def good(self) -> int:
        """Units that came and were good."""
        return self.received - self.rejected


@attrs.frozen(kw_only=True)
class Lesson:
    """
    What one receipt says of those to come.

    Attributes:
        supplier: From whom it was.
        sku: What it was.
        late: Days late; None if it was not due yet, or came to nothing.
        lost: Per cent of the ordered units that were missing or no good, rounded
            up; None while it is under way.
    """

    supplier: str
    sku: Sku
    late: Seen | None
    lost: Seen | None


def lessons(past: Iterable[PastReceipt], today: date) -> list[Lesson]:
    """
    Put parts together, and say what each receipt showed before *today*.

    Of *today* nothing counts: what is not here yet may still come on it.  Of
    lateness those speak whose day has passed, here or not: of those due later only
    the early ones would be known.

    Raises:
        InvalidInputError: if something is no past receipt, or parts disagree.
    """
    parts = dict[ReceiptId, list[PastReceipt]]()
    problems: Problems = []
    for index, part in enumerate(past):
        path = f"past[{index}]"
        if not isinstance(part, PastReceipt):
            refuse(problems, "past", part, "must be of type PastReceipt", path)
            continue
        own = parts.setdefault(part.id, [])
        for field in ("sku", "supplier", "due") if own else ():
            if getattr(part, field) != getattr(own[0], field):
                reason = f"must be as in the other parts of {part.id}"
                refuse(problems, field, getattr(part, field), reason, f"{path}.{field}")
        own.append(part)
    if problems:
        raise InvalidInputError("the past receipts do not fit together", problems)
    return [_lesson(own, today) for own in parts.values()]


def _lesson(parts: list[PastReceipt], today: date) -> Lesson:
    first = parts[0]
    watched = (today - first.due.date()).days - 1
    ends = [part.received_at.date() for part in parts if part.received_at is not None]
    # A rest that came to nothing ends a receipt, but it did not come late.
    days = [part.received_at.date() for part in parts if part.received_at and part.received]
    is_here = len(ends) == len(parts) and max(ends) < today
    good = sum(part.good for part in parts)
    late = lost = None
    if is_here:
        ordered = sum(part.ordered for part in parts)
        missing = max(0, ordered - good)
        lost = Seen(-(-100 * missing // ordered), 100)
    if watched >= 0 and not is_here:
        late = Seen(None, watched)
    elif watched >= 0 and days:
        late = Seen((max(days) - first.due.date()).days, watched)
    return Lesson(supplier=first.supplier, sku=first.sku, late=late, lost=lost)
