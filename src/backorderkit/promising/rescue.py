"""One way to save a date, and how things are once it is taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal, assert_never, overload

import attrs

from backorderkit.changes import Allocated, Fact, Held, Scheduled, Transferred, Unheld
from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, as_tuple, raise_first, refuse
from backorderkit.model.ids import HoldId, LineId, Location, OrderId, ReceiptId, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.planning import Book, apply
from backorderkit.planning.book import require_source
from backorderkit.planning.grounds import BookGround

RescueKind = Literal["transfer", "redirect", "safety-stock", "hold", "expedite", "purchase"]
"""Which other supply saves a date."""

RESCUE_KINDS: Final[tuple[RescueKind, ...]] = (
    *("transfer", "redirect", "safety-stock", "hold", "expedite", "purchase"),
)
"""The kinds in the order in which they are looked at: what takes nothing from anybody first."""


@attrs.frozen(kw_only=True)
class Rescue:
    """
    Other supply that saves the date of units that slip; made by `rescues`.

    ======================  =================================================================
    kind                    what to do
    ======================  =================================================================
    ``"transfer"``          bring units that are free at ``origin`` to ``location``
    ``"redirect"``          let units of ``receipt`` that nobody is promised come to
                            ``location``, and not to ``origin``
    ``"safety-stock"``      lend units of the safety stock at ``location``: of what is there,
                            or of what ``receipt`` would refill
    ``"hold"``              take units from ``hold``, which has them at ``location``
    ``"expedite"``          let units of ``receipt`` come by ``due``
    ``"purchase"``          buy units: they are at ``location`` at ``due``, by the lead time
    ======================  =================================================================

    Attributes:
        kind: Which other supply.
        order: Whose order.
        line: Which line of it.
        sku: Of what.
        saves: How many units of the line keep their date by it, in smallest units.
        quantity: How many units of the supply it takes.  It is more than it saves where
            others are served first, and less where one unit lets later ones move up.
        due: The date that is kept, by which the units must be there; of a purchase, when
            they come.
        location: Where the units are, or come, for the line.
        origin: From where, of a transfer and what is redirected.
        receipt: Which receipt, of what comes.
        hold: Which hold.
    """

    kind: RescueKind
    order: OrderId
    line: LineId
    sku: Sku
    saves: int = 0
    quantity: int
    due: datetime
    location: Location
    origin: Location | None = None
    receipt: ReceiptId | None = None
    hold: HoldId | None = None

    @property
    def is_on_hand(self) -> bool:
        """Whether the units are there already, so that they can be allocated to the line."""
        return self.kind in {"transfer", "hold", "safety-stock"} and self.receipt is None


@overload
def with_rescues(source: Snapshot, rescues: Iterable[Rescue]) -> Snapshot: ...
@overload
def with_rescues(source: Book, rescues: Iterable[Rescue]) -> Book: ...
def with_rescues(source: Snapshot | Book, rescues: Iterable[Rescue]) -> Snapshot | Book:
    """
    Give the snapshot, or the book, with rescues taken.

    Units on hand are allocated to the line that they save; what comes is shared by the
    next plan.  It is a look ahead: safety stock, receipts and purchases are the host's
    to change.

    Args:
        source: ``impact.untold``, for which the rescues were found.
        rescues: All or the first ones that `rescues` gave, in this order: each was found
            with those before it taken.

    Raises:
        InvalidInputError: if one does not fit what is there.
        InvalidValueError: likewise, and if *source* or *rescues* is no such thing.
    """
    require_source(source)
    given = as_tuple("rescues", rescues)
    problems: Problems = []
    for index, each in enumerate(given):
        if not isinstance(each, Rescue):
            refuse(problems, "rescues", each, "must be a Rescue", f"rescues[{index}]")
        elif each.kind not in RESCUE_KINDS:
            reason = f"must be one of {', '.join(RESCUE_KINDS)}"
            refuse(problems, "kind", each.kind, reason, f"rescues[{index}].kind")
    raise_first(problems)
    book = Book.of(source) if isinstance(source, Snapshot) else source
    for rescue in given:
        book = with_rescue(book, rescue)
    return book.snapshot if isinstance(source, Snapshot) else book


def with_rescue(book: Book, rescue: Rescue) -> Book:
    """Give the book with one rescue taken."""
    facts: list[Fact] = []
    match rescue.kind:
        case "transfer":
            facts.append(
                Transferred(
                    sku=rescue.sku,
                    origin=rescue.origin or rescue.location,
                    destination=rescue.location,
                    quantity=rescue.quantity,
                )
            )
        case "hold":
            facts.append(_let_go(book, rescue))
        case "safety-stock":
            book = book.with_stock(_lent(book, rescue))
        case "redirect" | "expedite":
            facts += _split(book, rescue)
        case "purchase":
            facts.append(Scheduled(receipt=_bought(book, rescue)))
        case _:
            assert_never(rescue.kind)
    if rescue.is_on_hand:
        facts.append(
            Allocated(
                order=rescue.order,
                line=rescue.line,
                location=rescue.location,
                quantity=rescue.quantity,
            )
        )
    return apply(book, facts)


def _let_go(book: Book, rescue: Rescue) -> Fact:
    there = (hold for hold in book.hold(HoldId(rescue.hold or "")) if hold.sku == rescue.sku)
    hold = next((hold for hold in there if hold.location == rescue.location), None)
    if hold is None:
        raise _unknown("hold", rescue.hold)
    left = hold.quantity - rescue.quantity
    if left:
        return Held(hold=attrs.evolve(hold, quantity=left))
    return Unheld(hold=hold.id, sku=hold.sku, location=hold.location)


def _lent(book: Book, rescue: Rescue) -> StockLevel:
    level = BookGround(book).level(rescue.sku, rescue.location)
    if level is None:
        raise _unknown("location", rescue.location)
    return attrs.evolve(level, safety_stock=level.safety_stock - rescue.quantity)


def _split(book: Book, rescue: Rescue) -> list[Fact]:
    """Let a part of a receipt, or all of it, come to another place or at another time."""
    receipt = book.receipt(ReceiptId(rescue.receipt or ""))
    if receipt is None:
        raise _unknown("receipt", rescue.receipt)
    if rescue.kind == "redirect":
        part = attrs.evolve(receipt, location=rescue.location, quantity=rescue.quantity)
    else:
        part = attrs.evolve(receipt, due=rescue.due, quantity=rescue.quantity)
    left = receipt.quantity - rescue.quantity
    if not left:
        return [Scheduled(receipt=part)]
    rest = attrs.evolve(receipt, quantity=left)
    return [Scheduled(receipt=rest), Scheduled(receipt=_numbered(book, part))]


def _bought(book: Book, rescue: Rescue) -> ScheduledReceipt:
    bought = ScheduledReceipt(
        id=ReceiptId(rescue.sku),
        sku=rescue.sku,
        location=rescue.location,
        quantity=rescue.quantity,
        due=rescue.due,
    )
    return _numbered(book, bought)


def _numbered(book: Book, part: ScheduledReceipt) -> ScheduledReceipt:
    """Give a part an id of its own; parts of one day and place are one receipt."""
    number = 0
    while True:
        number += 1
        id_ = ReceiptId(f"{part.id}+{number}")
        known = book.receipt(id_)
        quantity = part.quantity + (0 if known is None else known.quantity)
        numbered = attrs.evolve(part, id=id_, quantity=quantity)
        if known is None or known == attrs.evolve(numbered, quantity=known.quantity):
            return numbered


def _unknown(field: str, value: object) -> InvalidValueError:
    return InvalidValueError(field=field, value=value, reason="must be one of what is there")
