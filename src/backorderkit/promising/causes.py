"""Why dates moved: what of the facts they were told with took or brought units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from heapq import nsmallest
from typing import Final, Generic, Literal, TypeVar

import attrs

from backorderkit.changes import (
    Adjusted,
    Cancelled,
    Fact,
    Held,
    Received,
    Released,
    Scheduled,
    Transferred,
    Unheld,
    Unscheduled,
)
from backorderkit.model.backorders import Promise
from backorderkit.model.holds import Hold
from backorderkit.model.ids import HoldId, LineId, Location, OrderId, ReceiptId, Sku
from backorderkit.model.snapshot import LineKey
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.grounds import Ground

_Source = TypeVar("_Source")

CauseKind = Literal[
    "receipt_later",
    "receipt_earlier",
    "receipt_shrunk",
    "receipt_grown",
    "receipt_new",
    "receipt_gone",
    "receipt_overdue",
    "received",
    "adjusted",
    "transferred",
    "held",
    "unheld",
    "cancelled",
    "released",
    "served_before",
    "gave_way",
]
"""What may move a date; see `Cause`."""

MOST_NAMED: Final = 10
"""So many lines, or holds, of one kind are named; the others are summed up."""


@attrs.frozen(kw_only=True)
class Cause:
    """
    One thing that moved a date.  What does not belong to its kind is None.

    Attributes:
        kind: A receipt moved (``"receipt_later"``, ``"receipt_earlier"``), has other
            units (``"receipt_shrunk"``, ``"receipt_grown"``), is expected newly
            (``"receipt_new"``), will not come (``"receipt_gone"``), or should be there
            and is not (``"receipt_overdue"``).  Units arrived (``"received"``), were
            counted, lost or found (``"adjusted"``), or moved (``"transferred"``).  They are
            held now, or more of them (``"held"``), or no more or fewer (``"unheld"``).
            Another line's units are not wanted any more (``"cancelled"``) or were taken
            from it (``"released"``).  Another line gets units that this one had a date
            of (``"served_before"``), or this one gets units that were another's
            (``"gave_way"``).
        receipt: Which receipt, or of which the units are.
        order: Whose order, of another line; None stands for all others together.
        line: Which line of it.
        hold: Which hold; None stands for all others together.
        location: Where; of units that moved, from where.
        quantity: How many units it is about, in smallest units; below 0 for what was lost.
        due_before: When the receipt was expected, or until when units were held.
        due: When it is expected now, or when it arrived.
        reason: The host's code, where stock was adjusted.
    """

    kind: CauseKind
    receipt: ReceiptId | None = None
    order: OrderId | None = None
    line: LineId | None = None
    hold: HoldId | None = None
    location: Location | None = None
    quantity: int | None = None
    due_before: datetime | None = None
    due: datetime | None = None
    reason: str | None = None


@attrs.frozen(kw_only=True)
class Holding:
    """
    What a line got of receipts and stock, before facts and after them.

    Attributes:
        sku: Of what.
        allocated: Units that were allocated to it, less those taken from it.
        before: What it was promised.
        now: What it is promised.
    """

    sku: Sku
    allocated: int
    before: tuple[Promise, ...]
    now: tuple[Promise, ...]


_Got = Mapping[ReceiptId | None, int]
_FREEING: Final[tuple[CauseKind, ...]] = ("cancelled", "released")
_OF_HOLDS: Final[tuple[CauseKind, ...]] = ("held", "unheld")
_WORSE: Final = -1
_BETTER: Final = 1


class Causes(Generic[_Source]):
    """Knows what some facts did to their SKUs, and which lines won or lost by them."""

    def __init__(
        self, facts: Iterable[Fact], ground: Ground[_Source], lines: Mapping[LineKey, Holding]
    ) -> None:
        """Look through the facts, once for all lines.  O(facts + promises)."""
        self._at = ground.as_of
        self._ground = ground
        roots = dict[tuple[Sku, int], list[Cause]]()
        self._freed = dict[tuple[Sku, CauseKind], Counter[LineKey]]()
        self._expected = dict[ReceiptId, ScheduledReceipt | None]()
        self._arrived = Counter[ReceiptId]()
        self._received = dict[Sku, set[ReceiptId]]()
        for fact in facts:
            for sku, turn, cause in self._of(fact):
                roots.setdefault((sku, turn), []).append(cause)
        self._roots = {place: _summed_up(causes) for place, causes in roots.items()}
        self._most_freed = {
            # One more, since a line is never the reason for its own dates.
            place: nsmallest(MOST_NAMED + 1, units.items(), key=_most_first)
            for place, units in self._freed.items()
        }
        self._lapsed_of = dict[Sku, tuple[Cause, ...]]()
        self._got = {key: self._gains(each) for key, each in lines.items()}
        self._lines = lines
        self._winners = _by_receipt(lines, self._got, _BETTER)
        self._losers = _by_receipt(lines, self._got, _WORSE)

    def why(self, key: LineKey, *, is_worse: bool, due: datetime | None) -> tuple[Cause, ...]:
        """Say why a line is promised something worse, or better; O(what is named)."""
        own = self._lines[key]
        turn = _WORSE if is_worse else _BETTER
        found = self._of_sku(key, own.sku, turn)
        if is_worse:
            found += self._overdue(own, due)
        found += self._others(key, own, turn)
        if not found:
            # Across locations a gain of one line may be a loss of another, or a receipt
            # may come where it is of no use.
            found += self._of_sku(key, own.sku, -turn)
        if not found and not is_worse:
            found += self._lapsed(own.sku)
        return tuple(found)

    def _of_sku(self, key: LineKey, sku: Sku, turn: int) -> list[Cause]:
        """Name what the facts did to a SKU: what happened, and which lines gave units back."""
        found = list(self._roots.get((sku, turn), ()))
        if turn == _BETTER:
            for kind in _FREEING:
                found += self._freed_by_others(key, (sku, kind))
        return found

    def _freed_by_others(self, key: LineKey, place: tuple[Sku, CauseKind]) -> Iterator[Cause]:
        units = self._freed.get(place)
        if units is None:
            return
        named = [each for each in self._most_freed[place] if each[0] != key][:MOST_NAMED]
        for (order, line), quantity in named:
            yield Cause(kind=place[1], order=order, line=line, quantity=quantity)
        rest = units.total() - units[key] - sum(quantity for _, quantity in named)
        if rest:
            yield Cause(kind=place[1], quantity=rest)

    def _lapsed(self, sku: Sku) -> tuple[Cause, ...]:
        """Name the holds whose time is over, which no fact says; looked up once."""
        if sku not in self._lapsed_of:
            holds = self._ground.holds_of([sku])
            over = [_over(hold) for hold in holds if hold.has_lapsed(as_of=self._at)]
            self._lapsed_of[sku] = tuple(_summed_up(over))
        return self._lapsed_of[sku]

    def _others(self, key: LineKey, own: Holding, turn: int) -> Iterator[Cause]:
        """Name who got the units that a line lost, or lost those that it got."""
        side = self._winners if turn == _WORSE else self._losers
        got = self._got[key]
        # None stands for stock and is the last.
        for receipt in sorted(got, key=lambda id_: (id_ is None, id_ or "")):
            # Who lost units of a receipt is never among those that won some of it.
            if got[receipt] * turn > 0:
                yield from side.get((own.sku, receipt), ())

    def _overdue(self, own: Holding, due: datetime | None) -> Iterator[Cause]:
        """Name the receipts that a line is promised for today since they did not come."""
        for promise in own.now:
            receipt = None if promise.receipt is None else self._receipt(promise.receipt)
            is_late = receipt is not None and receipt.due < promise.due == due == self._at
            if receipt is not None and is_late:
                yield Cause(
                    kind="receipt_overdue",
                    receipt=receipt.id,
                    location=receipt.location,
                    quantity=promise.quantity,
                    due_before=receipt.due,
                )

    def _gains(self, own: Holding) -> dict[ReceiptId | None, int]:
        """Say what a line has of each receipt more than before; of what is there, as stock."""
        got = Counter[ReceiptId | None]()
        for turn, promises in ((_WORSE, own.before), (_BETTER, own.now)):
            for each in promises:
                got[each.receipt] += turn * each.quantity
        arrived = self._received.get(own.sku, set())
        place = next(iter(arrived)) if len(arrived) == 1 else None
        # What is promised of stock is there, as what is allocated.
        stock = own.allocated + sum(got.pop(each, 0) for each in (None, *sorted(arrived)))
        got[place] += stock
        return {receipt: units for receipt, units in got.items() if units}

    def _of(self, fact: Fact) -> Iterator[tuple[Sku, int, Cause]]:
        """Say what a fact does to the lines of its SKU, other than its own."""
        match fact:
            case Scheduled():
                yield from self._scheduled(fact.receipt)
            case Unscheduled():
                before = self._left_of(fact.receipt)
                self._expect(fact.receipt, None)
                if before is not None:
                    yield before.sku, _WORSE, _of_receipt("receipt_gone", before, None)
            case Received():
                yield self._came(fact)
            case Adjusted():
                turn = _BETTER if fact.quantity > 0 else _WORSE
                made = Cause(
                    kind="adjusted",
                    location=fact.location,
                    quantity=fact.quantity,
                    reason=fact.reason,
                )
                yield fact.sku, turn, made
            case Transferred():
                made = Cause(kind="transferred", location=fact.origin, quantity=fact.quantity)
                yield fact.sku, _WORSE, made
                yield fact.sku, _BETTER, made
            case Held() | Unheld():
                yield from self._held(fact)
            case Cancelled() | Released():
                sku = self._sku(fact.order, fact.line)
                kind: CauseKind = "cancelled" if isinstance(fact, Cancelled) else "released"
                if sku is not None:
                    freed = self._freed.setdefault((sku, kind), Counter())
                    freed[fact.order, fact.line] += fact.quantity
            case _:
                pass

    def _came(self, fact: Received) -> tuple[Sku, int, Cause]:
        expected = None if fact.receipt is None else self._receipt(fact.receipt)
        if fact.receipt is not None:
            self._arrived[fact.receipt] += fact.quantity
            self._received.setdefault(fact.sku, set()).add(fact.receipt)
        made = Cause(
            kind="received",
            receipt=fact.receipt,
            location=fact.location,
            quantity=fact.quantity,
            due_before=None if expected is None else expected.due,
            due=self._at,
        )
        return fact.sku, _BETTER, made

    def _scheduled(self, now: ScheduledReceipt) -> Iterator[tuple[Sku, int, Cause]]:
        before = self._left_of(now.id)
        self._expect(now.id, now)
        if before is not None and (before.sku, before.location) != (now.sku, now.location):
            yield before.sku, _WORSE, _of_receipt("receipt_gone", before, None)
            before = None
        if before is None:
            yield now.sku, _BETTER, _of_receipt("receipt_new", None, now)
            return
        if now.due > before.due:
            yield now.sku, _WORSE, _of_receipt("receipt_later", before, now)
        if now.due < before.due:
            yield now.sku, _BETTER, _of_receipt("receipt_earlier", before, now)
        more = now.quantity - before.quantity
        if more > 0:
            made = attrs.evolve(_of_receipt("receipt_grown", before, now), quantity=more)
            yield now.sku, _BETTER, made
        if more < 0:
            made = attrs.evolve(_of_receipt("receipt_shrunk", before, now), quantity=-more)
            yield now.sku, _WORSE, made

    def _held(self, fact: Held | Unheld) -> Iterator[tuple[Sku, int, Cause]]:
        now = fact.hold if isinstance(fact, Held) else None
        key = (fact.hold, fact.sku, fact.location) if isinstance(fact, Unheld) else fact.hold.key
        known = (each.quantity for each in self._ground.hold(key[0]) if each.key == key)
        more = (0 if now is None else now.quantity) - next(known, 0)
        id_, sku, location = key
        if more:
            kind: CauseKind = "held" if more > 0 else "unheld"
            made = Cause(kind=kind, hold=id_, location=location, quantity=abs(more))
            yield sku, _WORSE if more > 0 else _BETTER, made

    def _expect(self, id_: ReceiptId, receipt: ScheduledReceipt | None) -> None:
        self._expected[id_], self._arrived[id_] = receipt, 0

    def _receipt(self, id_: ReceiptId) -> ScheduledReceipt | None:
        return self._expected[id_] if id_ in self._expected else self._ground.receipt(id_)

    def _left_of(self, id_: ReceiptId) -> ScheduledReceipt | None:
        """Give what of a receipt has not come yet, if there is some."""
        known = self._receipt(id_)
        left = 0 if known is None else known.quantity - self._arrived[id_]
        return attrs.evolve(known, quantity=left) if known is not None and left > 0 else None

    def _sku(self, order: OrderId, line: LineId) -> Sku | None:
        found = self._ground.standing(order, line).line
        return None if found is None else found.sku


def _of_receipt(
    kind: CauseKind, before: ScheduledReceipt | None, now: ScheduledReceipt | None
) -> Cause:
    about = now or before
    if about is None:
        raise AssertionError(kind)
    return Cause(
        kind=kind,
        receipt=about.id,
        location=about.location,
        quantity=about.quantity,
        due_before=None if before is None else before.due,
        due=None if now is None else now.due,
    )


def _most_first(freed: tuple[LineKey, int]) -> tuple[int, LineKey]:
    return -freed[1], freed[0]


def _over(hold: Hold) -> Cause:
    return Cause(
        kind="unheld",
        hold=hold.id,
        location=hold.location,
        quantity=hold.quantity,
        due_before=hold.expires_at,
    )


def _summed_up(causes: list[Cause]) -> list[Cause]:
    """Name the holds of most units, and sum up the others."""
    made = [cause for cause in causes if cause.hold is None]
    for kind in _OF_HOLDS:
        own = [cause for cause in causes if cause.hold is not None and cause.kind == kind]
        named = nsmallest(MOST_NAMED, own, key=_largest_hold_first)
        made += named
        rest = _units(own) - _units(named)
        if rest:
            made.append(Cause(kind=kind, quantity=rest))
    return made


def _largest_hold_first(cause: Cause) -> tuple[int, str, str]:
    return -(cause.quantity or 0), cause.hold or "", cause.location or ""


def _units(causes: list[Cause]) -> int:
    return sum(cause.quantity or 0 for cause in causes)


def _by_receipt(
    lines: Mapping[LineKey, Holding], got: Mapping[LineKey, _Got], turn: int
) -> dict[tuple[Sku, ReceiptId | None], list[Cause]]:
    """Name the lines that won, or lost, units of each receipt: most units first."""
    found = dict[tuple[Sku, ReceiptId | None], list[tuple[int, LineKey]]]()
    for key, own in got.items():
        for receipt, units in own.items():
            if units * turn > 0:
                found.setdefault((lines[key].sku, receipt), []).append((abs(units), key))
    kind: CauseKind = "served_before" if turn == _BETTER else "gave_way"
    return {place: list(_named(kind, place[1], ranked)) for place, ranked in found.items()}


def _named(
    kind: CauseKind, receipt: ReceiptId | None, ranked: list[tuple[int, LineKey]]
) -> Iterator[Cause]:
    named = nsmallest(MOST_NAMED, ranked, key=lambda each: (-each[0], each[1]))
    for units, (order, line) in named:
        yield Cause(kind=kind, receipt=receipt, order=order, line=line, quantity=units)
    rest = sum(units for units, _ in ranked) - sum(units for units, _ in named)
    if rest:
        yield Cause(kind=kind, receipt=receipt, quantity=rest)
