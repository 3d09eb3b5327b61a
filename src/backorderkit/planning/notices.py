"""What facts mean to whoever did not see the shop before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, Generic, Literal, TypeVar, assert_never

import attrs

from backorderkit.changes import (
    Adjusted,
    Allocated,
    Backordered,
    Cancelled,
    Fact,
    Held,
    LineAdded,
    Placed,
    Promised,
    Received,
    Released,
    Scheduled,
    Shipped,
    Transferred,
    Unheld,
    Unscheduled,
)
from backorderkit.model._checks import as_tuple
from backorderkit.model.backorders import Promise
from backorderkit.model.holds import Hold, HoldKey
from backorderkit.model.ids import HoldId, LineId, Location, OrderId, ReceiptId, Sku
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.applying import orders_in
from backorderkit.planning.book import Book, require_source
from backorderkit.planning.given import require_id
from backorderkit.planning.grounds import Ground, ground_of
from backorderkit.planning.moved_promises import moved_promises

_Source = TypeVar("_Source")
_OfLine = Allocated | Released | Shipped | Cancelled
_OfStock = Received | Adjusted | Transferred

NoticeKind = Literal[
    "placed",
    "line_added",
    "allocated",
    "released",
    "shipped",
    "cancelled",
    "expired",
    "opened",
    "grown",
    "shrunk",
    "closed",
    "filled_in_part",
    "filled",
    "promised",
    "promise_earlier",
    "promise_later",
    "promise_lost",
    "scheduled",
    "unscheduled",
    "received",
    "adjusted",
    "transferred",
    "held",
    "unheld",
    "hold_expired",
]
"""What a notice tells."""

MoveKind = Literal["promised", "promise_earlier", "promise_later", "promise_lost"]
"""How the date of units that wait has moved."""

_PLAIN: Final[dict[type[_OfLine | _OfStock], NoticeKind]] = {
    Allocated: "allocated",
    Released: "released",
    Shipped: "shipped",
    Cancelled: "cancelled",
    Received: "received",
    Adjusted: "adjusted",
    Transferred: "transferred",
}
"""The facts that tell all there is to tell themselves."""


@attrs.frozen(kw_only=True)
class Notice:
    """
    One thing that happened, as others want to hear of it; made by `notices`.

    What does not belong to its kind is None.

    Attributes:
        id: The same whenever it is told again; no other notice has it.
        kind: What happened, such as ``"filled"``.
        at: When.
        fact: The fact that says so.
        order: Whose order.
        line: Which line of it.
        sku: Of what.
        location: Where; of units that were transferred, from where.
        receipt: Of which scheduled receipt.
        hold: Of which hold.
        quantity: How many units, in smallest units; below 0 only where stock was
            adjusted.
        backordered: How many units of the line wait now.
        due: When the units are promised for or expected, or until when they are held, now.
        due_before: When they were until now.
    """

    id: str
    kind: NoticeKind
    at: datetime
    fact: Fact
    order: OrderId | None = None
    line: LineId | None = None
    sku: Sku | None = None
    location: Location | None = None
    receipt: ReceiptId | None = None
    hold: HoldId | None = None
    quantity: int | None = None
    backordered: int | None = None
    due: datetime | None = None
    due_before: datetime | None = None


def notices(
    facts: Iterable[Fact],
    *,
    before: Snapshot | Book,
    id: str,  # noqa: A002 - the field's name
) -> tuple[Notice, ...]:
    """
    Tell what facts mean: opened, filled, promised for another day, ...

    A fact says how things are now, a notice what is new about that.  The same facts
    after the same state give the same notices with the same ids, always.

    Args:
        facts: What happened, and fits: the changes of an `Answer` or a `Plan`, the
            facts of a commit.
        before: What was true before, at the moment of the facts.  What was loaded for
            a command is enough for what it came to.
        id: Names the facts: the key of the command.  The ids of the notices begin
            with it.

    Raises:
        InvalidValueError: if *before* is no snapshot and no book, *id* no text, or
            *facts* cannot be iterated.

    >>> from backorderkit.commands import PlaceOrder
    >>> from backorderkit.model import Order
    >>> from backorderkit.planning import answer
    >>> from backorderkit.policies import Fifo
    >>> shop = Snapshot.of(as_of="2026-01-05", stock={"MUG": 3})
    >>> placed = PlaceOrder(order=Order.of("SO-1", "2026-01-05", {"MUG": 5}))
    >>> changes = answer(shop, placed, policy=Fifo()).changes
    >>> for notice in notices(changes, before=shop, id="web-4711"):
    ...     print(notice.id, notice.kind, notice.quantity)
    web-4711/1/1 placed None
    web-4711/2/1 allocated 3
    web-4711/3/1 opened 2
    """
    require_source(before)
    require_id("id", id)
    given = as_tuple("facts", facts)
    orders = orders_in(given)
    if isinstance(before, Snapshot):
        return tuple(_Teller(ground_of(before, orders), id).tell_all(given))
    return tuple(_Teller(ground_of(before, orders), id).tell_all(given))


@attrs.define
class _Known:
    """
    What of a line was told so far.

    Attributes:
        sku: Its SKU; None if the line is gone.
        quantity: What it waits for.
        promises: What it is promised.
        filled: Units allocated to it since the size of its backorder was told.
        moved: Units allocated to it since its promises were told.
        sized: The fact that told last what it waits for, its place, and how many notices
            it had.
    """

    sku: Sku | None
    quantity: int = 0
    promises: tuple[Promise, ...] = ()
    filled: int = 0
    moved: int = 0
    sized: tuple[Backordered, int, int] | None = None


class _Teller(Generic[_Source]):
    """Tells facts one after another, and knows what was told before."""

    def __init__(self, ground: Ground[_Source], id_: str) -> None:
        """Start from what was true before."""
        self._ground = ground
        self._id = id_
        self._lines = dict[LineKey, _Known]()
        self._receipts = dict[ReceiptId, ScheduledReceipt | None]()
        self._arrived = Counter[ReceiptId | None]()
        self._holds = dict[HoldKey, Hold | None]()

    def tell_all(self, facts: Iterable[Fact]) -> Iterator[Notice]:
        """Say what is new by each fact, which may be nothing."""
        for place, fact in enumerate(facts, start=1):
            number = 0
            for number, made in enumerate(self._tell(fact), start=1):
                # By fact: a new kind for one leaves the ids of the others as they are.
                yield attrs.evolve(made, id=f"{self._id}/{place}/{number}")
            if isinstance(fact, Backordered):
                self._known(fact).sized = fact, place, number
        for known in self._lines.values():
            yield from self._moved_up(known)

    def _tell(self, fact: Fact) -> Iterator[Notice]:
        match fact:
            case Placed() | LineAdded():
                yield self._asked_for(fact)
            case Allocated() | Released() | Shipped() | Cancelled():
                yield self._of_line(fact)
            case Backordered():
                yield from self._sized(fact)
            case Promised():
                yield from self._promised(fact)
            case Received() | Adjusted() | Transferred():
                yield self._of_stock(fact)
            case Scheduled():
                yield from self._scheduled(fact)
            case Unscheduled():
                yield from self._unscheduled(fact)
            case Held() | Unheld():
                yield from self._holding(fact)
            case _:
                assert_never(fact)

    def _asked_for(self, fact: Placed | LineAdded) -> Notice:
        if isinstance(fact, Placed):
            for line in fact.order.lines:
                self._lines[fact.order.id, line.id] = _Known(line.sku)
            return attrs.evolve(self._notice("placed", fact), order=fact.order.id)
        line = fact.line
        self._lines[fact.order, line.id] = _Known(line.sku)
        return attrs.evolve(
            self._notice("line_added", fact),
            order=fact.order,
            line=line.id,
            sku=line.sku,
            location=line.location,
            quantity=line.ordered,
        )

    def _of_line(self, fact: _OfLine) -> Notice:
        known = self._known(fact)
        if isinstance(fact, Allocated | Released):
            units = fact.quantity if isinstance(fact, Allocated) else -fact.quantity
            known.filled += units
            known.moved += units
        kind = _PLAIN[type(fact)]
        if isinstance(fact, Cancelled) and fact.expired:
            kind = "expired"
        made = self._about(kind, fact, known.sku)
        location = None if isinstance(fact, Cancelled) else fact.location
        return attrs.evolve(made, location=location, quantity=fact.quantity)

    def _sized(self, fact: Backordered) -> Iterator[Notice]:
        """Say by what a backorder grew, shrank or was filled."""
        known = self._known(fact)
        now, more = fact.quantity, fact.quantity - known.quantity
        filled = min(max(known.filled, 0), max(-more, 0))
        unwanted = max(-more, 0) - filled
        steps: list[tuple[NoticeKind, int, int]] = []
        if more > 0:
            steps.append(("grown" if known.quantity else "opened", more, now))
        if unwanted:
            left = now + filled
            steps.append(("shrunk" if left else "closed", unwanted, left))
        if filled:
            steps.append(("filled_in_part" if now else "filled", filled, now))
        known.quantity, known.filled = now, 0
        if not now:
            known.promises = ()
        for kind, quantity, backordered in steps:
            made = self._about(kind, fact, known.sku)
            yield attrs.evolve(made, quantity=quantity, backordered=backordered)

    def _promised(self, fact: Promised) -> Iterator[Notice]:
        """Say which units are promised for another day."""
        known = self._known(fact)
        filled = max(known.moved, 0)
        moves = moved_promises(known.promises, fact.promises, filled, known.quantity)
        known.promises, known.moved = fact.promises, 0
        for quantity, before, now in moves:
            made = self._about(kind_of_move(before, now), fact, known.sku)
            yield attrs.evolve(made, quantity=quantity, due=now, due_before=before)

    def _moved_up(self, known: _Known) -> Iterator[Notice]:
        """Say which units have the dates of others that were filled, the list being as it was."""
        if known.sized is None or known.moved <= 0:
            return
        fact, place, number = known.sized
        moves = moved_promises(known.promises, known.promises, known.moved, known.quantity)
        for more, (quantity, before, now) in enumerate(moves, start=1):
            made = self._about(kind_of_move(before, now), fact, known.sku)
            id_ = f"{self._id}/{place}/{number + more}"
            yield attrs.evolve(made, id=id_, quantity=quantity, due=now, due_before=before)

    def _of_stock(self, fact: _OfStock) -> Notice:
        receipt = fact.receipt if isinstance(fact, Received) else None
        if receipt is not None:
            self._arrived[receipt] += fact.quantity
        return attrs.evolve(
            self._notice(_PLAIN[type(fact)], fact),
            sku=fact.sku,
            location=fact.origin if isinstance(fact, Transferred) else fact.location,
            receipt=receipt,
            quantity=fact.quantity,
        )

    def _scheduled(self, fact: Scheduled) -> Iterator[Notice]:
        """Say that a receipt is new or other than before; the rest of one is no news."""
        receipt, known = fact.receipt, self._left_of(fact.receipt.id)
        self._receipts[receipt.id], self._arrived[receipt.id] = receipt, 0
        if receipt != known:
            made = self._of_receipt("scheduled", fact, receipt)
            before = None if known is None else known.due
            yield attrs.evolve(made, due=receipt.due, due_before=before)

    def _unscheduled(self, fact: Unscheduled) -> Iterator[Notice]:
        """Say what will not come; of a receipt that has come nothing is missing."""
        known = self._left_of(fact.receipt)
        self._receipts[fact.receipt], self._arrived[fact.receipt] = None, 0
        if known is not None:
            made = self._of_receipt("unscheduled", fact, known)
            yield attrs.evolve(made, due_before=known.due)

    def _holding(self, fact: Held | Unheld) -> Iterator[Notice]:
        """Say what is held until when, or no more, if it is not as before."""
        now = fact.hold if isinstance(fact, Held) else None
        key = (fact.hold, fact.sku, fact.location) if isinstance(fact, Unheld) else fact.hold.key
        known = self._hold(key)
        self._holds[key] = now
        about = now or known
        if about is None or now == known:
            return
        kind: NoticeKind = "held"
        if now is None:
            kind = "hold_expired" if about.has_lapsed(as_of=self._ground.as_of) else "unheld"
        yield attrs.evolve(
            self._notice(kind, fact),
            sku=about.sku,
            location=about.location,
            hold=about.id,
            quantity=about.quantity,
            due=None if now is None else now.expires_at,
            due_before=None if known is None else known.expires_at,
        )

    def _hold(self, key: HoldKey) -> Hold | None:
        if key in self._holds:
            return self._holds[key]
        return next((each for each in self._ground.hold(key[0]) if each.key == key), None)

    def _left_of(self, id_: ReceiptId) -> ScheduledReceipt | None:
        """Give what of a receipt has not come yet, if there is some."""
        known = self._receipts[id_] if id_ in self._receipts else self._ground.receipt(id_)
        left = 0 if known is None else known.quantity - self._arrived[id_]
        return attrs.evolve(known, quantity=left) if known is not None and left > 0 else None

    def _known(self, fact: _OfLine | Backordered | Promised) -> _Known:
        key = fact.order, fact.line
        if key not in self._lines:
            now = self._ground.standing(*key)
            known = self._lines[key] = _Known(None)
            if now.line is not None:
                known.sku = now.line.sku
            if now.backorder is not None:
                known.quantity, known.promises = now.backorder.quantity, now.backorder.promises
        return self._lines[key]

    def _notice(self, kind: NoticeKind, fact: Fact) -> Notice:
        return Notice(id="", kind=kind, at=self._ground.as_of, fact=fact)

    def _about(
        self, kind: NoticeKind, fact: _OfLine | Backordered | Promised, sku: Sku | None
    ) -> Notice:
        return attrs.evolve(self._notice(kind, fact), order=fact.order, line=fact.line, sku=sku)

    def _of_receipt(self, kind: NoticeKind, fact: Fact, receipt: ScheduledReceipt) -> Notice:
        return attrs.evolve(
            self._notice(kind, fact),
            sku=receipt.sku,
            location=receipt.location,
            receipt=receipt.id,
            quantity=receipt.quantity,
        )


def kind_of_move(before: datetime | None, now: datetime | None) -> MoveKind:
    """Name the way in which a promise moved."""
    if before is None:
        return "promised"
    if now is None:
        return "promise_lost"
    return "promise_earlier" if now < before else "promise_later"
