"""Which other supply saves the date of units that slip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import attrs

from backorderkit.model._checks import (
    Problems,
    as_tuple,
    raise_first,
    refuse,
)
from backorderkit.model.ids import Location, ReceiptId, Sku
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.planning import Book, Plan, apply, plan
from backorderkit.planning.compared import Lot, lots_of, moves_between
from backorderkit.planning.given import not_a
from backorderkit.policies.keeping import KeepPromises
from backorderkit.policies.protocol import FifoKey, fifo_key
from backorderkit.promising.impacts import Impact
from backorderkit.promising.offers import Ground, offers
from backorderkit.promising.rescue import RESCUE_KINDS, Rescue, RescueKind, with_rescue
from backorderkit.promising.slips import Slip

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def rescues(
    impact: Impact,
    *,
    lines: Iterable[Slip] | None = None,
    kinds: Iterable[RescueKind] = RESCUE_KINDS,
) -> tuple[Rescue, ...]:
    """
    Find other supply that saves the dates of units that get later, or lose theirs.

    Line after line, those of the earliest date first, it looks for what would keep the
    date, and takes the fewest units that do.  Each find is planned before it is offered:
    the line keeps the date of so many units, and no line comes later than without it.
    What is offered to one line is gone for the next, so all of it can be done at once.

    Args:
        impact: What slips.
        lines: For which of its lines; None is for all that get worse.
        kinds: Which supply to look at, in this order.  A purchase comes by the item's lead
            time; an item without one is not bought.

    Returns:
        What to do, in the order in which it was found.

    Raises:
        InvalidValueError: if one of these is no such thing.

    It plans a SKU about once for each find: O(finds x lines of the SKU).  Where hundreds of
    lines of one SKU slip, the worst of them, ``impact.lines[:100]``, may be all you want.

    >>> from backorderkit.model import Order, ScheduledReceipt, Snapshot, StockLevel, read_time
    >>> from backorderkit.policies import Fifo
    >>> from backorderkit.promising import ReceiptMove, impact
    >>> po = ScheduledReceipt(
    ...     id=ReceiptId("PO-7"), sku=Sku("MUG"), quantity=9, due=read_time("2026-01-12")
    ... )
    >>> shop = Snapshot.of(
    ...     as_of="2026-01-05",
    ...     stock=[StockLevel(sku=Sku("MUG"), on_hand=2, safety_stock=2)],
    ...     receipts=[po],
    ...     orders=[Order.of("SO-1", "2026-01-02", {"MUG": 5})],
    ... )
    >>> lost = impact(shop, [ReceiptMove(receipt=po.id, gone=True)], policy=Fifo())
    >>> [(rescue.kind, rescue.order, rescue.saves) for rescue in rescues(lost)]
    [('safety-stock', 'SO-1', 2)]
    """
    chosen = _chosen(impact, kinds)
    search = _Search(impact)
    found: list[Rescue] = []
    for slip in search.in_turn(_asked_for(impact, lines)):
        found += search.save(slip, chosen)
    return tuple(found)


def _asked_for(impact: Impact, lines: Iterable[Slip] | None) -> list[Slip]:
    """Give those slips that are to be saved."""
    if lines is None:
        return [slip for slip in impact.lines if slip.is_worse]
    known = set(impact.lines)
    problems: Problems = []
    given = as_tuple("lines", lines)
    for index, slip in enumerate(given):
        if not isinstance(slip, Slip) or slip not in known:
            refuse(problems, "lines", slip, "must be one of the impact", f"lines[{index}]")
    raise_first(problems)
    return [slip for slip in given if slip.is_worse]


def _chosen(impact: object, kinds: Iterable[object]) -> Sequence[RescueKind]:
    """Take the kinds to look at; refuse what cannot be looked at."""
    if not isinstance(impact, Impact):
        raise not_a("impact", impact, "Impact")
    problems: Problems = []
    given = as_tuple("kinds", kinds)
    for kind in given:
        if kind not in RESCUE_KINDS:
            refuse(problems, "kinds", kind, f"must be one of {', '.join(RESCUE_KINDS)}")
    raise_first(problems)
    # The constants, not what was given: so their type is known.
    return [known for kind in given for known in RESCUE_KINDS if known == kind]


@attrs.frozen(kw_only=True)
class _Trial:
    """
    The book with a rescue.

    Attributes:
        book: As it is planned.
        lots: What the lines of the SKU get.
        saved: How many units of the line more keep their date than without it; 0 if it
            costs another line a date.
    """

    book: Book
    lots: Mapping[LineKey, Lot]
    saved: int


class _Search:
    """Looks for rescues, and keeps the book with those that are found."""

    def __init__(self, impact: Impact) -> None:
        """Start from the plan as things would be."""
        self._policy = impact.policy
        self._moved = dict[Sku, dict[ReceiptId, Location]]()
        for moved in impact.receipts:
            receipt = moved.before
            self._moved.setdefault(receipt.sku, {})[receipt.id] = receipt.location
        self._was = lots_of(impact.before)
        self._lots = dict[Sku, dict[LineKey, Lot]]()
        self._book = Book.of(impact.untold)
        after = impact.after
        if isinstance(self._policy, KeepPromises):
            # What was told weighs otherwise once stock is shared: ask what holds from here.
            after = plan(self._book, policy=self._policy, skus=after.skus)
        for key, lot in lots_of(after).items():
            self._lots.setdefault(lot.line.sku, {})[key] = lot
        # The part of a book that was made last: a line is looked at kind after kind.
        self._here: tuple[Book, Sku, Snapshot] | None = None

    def in_turn(self, slips: Iterable[Slip]) -> list[Slip]:
        """Put slips in the order in which they are saved."""
        return sorted(slips, key=self._turn)

    def save(self, slip: Slip, kinds: Iterable[RescueKind]) -> Iterator[Rescue]:
        """Take what keeps the date of the units of a slip, or of as many as can be."""
        for kind in kinds:
            if not self._need(slip):
                return
            for offer in offers(kind, self._ground(slip)):
                need = self._need(slip)
                trial = self._fewest(offer, need) if need else None
                if trial is not None:
                    quantity, taken = trial
                    self._book = taken.book
                    self._lots[slip.sku] = dict(taken.lots)
                    yield attrs.evolve(offer, quantity=quantity, saves=taken.saved)

    def _turn(self, slip: Slip) -> tuple[datetime, datetime, FifoKey]:
        """Earliest date first; of one date, who is served first when things have moved."""
        lot = self._was[slip.order, slip.line]
        service = fifo_key(lot.order, lot.line)
        return slip.before or _NEVER, slip.after or _NEVER, service

    def _ground(self, slip: Slip) -> Ground:
        sku = slip.sku
        if self._here is None or self._here[:2] != (self._book, sku):
            self._here = self._book, sku, self._book.part([sku])
        return Ground(
            here=self._here[2],
            lots=self._lots[sku],
            key=(slip.order, slip.line),
            date=slip.before or _NEVER,
            moved=self._moved[sku],
        )

    def _need(self, slip: Slip) -> int:
        """Say how many units of a slip have not been saved by what was taken so far."""
        key = slip.order, slip.line
        return min(slip.quantity, _late(self._was[key], self._lots[slip.sku][key]))

    def _fewest(self, offer: Rescue, need: int) -> tuple[int, _Trial] | None:
        """Find the fewest units of an offer that save what is needed, or as much as it can."""
        most = offer.quantity
        high = min(need, most)
        best = self._tried(offer, high)
        if best.saved == high and self._has_one_date(offer):
            # Of one date no unit more is kept than there are units for.
            return high, best
        if best.saved < need and high < most:
            whole = self._tried(offer, most)
            if whole.saved > best.saved:
                high, best = most, whole
        if not best.saved:
            return None
        enough = min(best.saved, need)
        low = 0
        # One less is rarely enough, so it is asked first.
        probe = high - 1
        while high - low > 1:
            trial = self._tried(offer, probe)
            if trial.saved >= enough:
                high, best = probe, trial
            else:
                low = probe
            probe = (low + high) // 2
        return high, best

    def _has_one_date(self, offer: Rescue) -> bool:
        was = self._was[offer.order, offer.line]
        return len({promise.due.date() for promise in was.promises}) == 1

    def _tried(self, offer: Rescue, quantity: int) -> _Trial:
        """Plan the book with so many units of an offer."""
        book = with_rescue(self._book, attrs.evolve(offer, quantity=quantity))
        made: Plan = plan(book, policy=self._policy, skus=[offer.sku])
        before, lots = self._lots[offer.sku], lots_of(made)
        key = offer.order, offer.line
        saved = _late(self._was[key], before[key]) - _late(self._was[key], lots[key])
        if any(_late(before[other], lots[other]) for other in lots):
            saved = 0
        # Only a policy that holds units back may have some left to give now.
        book = apply(book, made.changes) if any(made.granted) else book
        return _Trial(book=book, lots=lots, saved=saved)


def _late(before: Lot, now: Lot) -> int:
    """Count the units that come later than before, or without a date."""
    return sum(
        quantity
        for quantity, was, will_be in moves_between(before, now)
        if was is not None and (will_be is None or will_be > was)
    )
