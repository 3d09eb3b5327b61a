"""Keeps of a document what has no problems, and tells what was set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import compress, count, filterfalse
from typing import Final, Protocol, TypeVar

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.formats.drafts import Drafts
from backorderkit.model._consistency import LineNumbers, Sections, allocation_faults
from backorderkit.model.ids import LineId, Location, OrderId, Sku
from backorderkit.model.orders import Order
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import StockLevel


@attrs.frozen(kw_only=True)
class StillAllocated:
    """
    Units that an order holds although it is set aside.

    Attributes:
        order: Whose they are.
        line: For which of its lines.
        sku: Of what; it is not set aside itself.
        location: Where they are.
        quantity: How many, in smallest units.
    """

    order: OrderId
    line: LineId
    sku: Sku
    location: Location
    quantity: int


@attrs.frozen(kw_only=True)
class SetAside:
    """
    What of a document was set aside because of its problems; false if nothing was.

    Attributes:
        skus: SKUs with problems, sorted.  All of them is set aside: stock,
            receipts, holds, and every order that has a line of one.
        orders: Those orders, and orders with problems of their own, sorted.
        allocations: What these orders hold of the SKUs that stay.  It is theirs
            still: the stock of the snapshot is without it.
        problems: Every problem, as a refusal of the whole would name it.
    """

    skus: tuple[Sku, ...] = ()
    orders: tuple[OrderId, ...] = ()
    allocations: tuple[StillAllocated, ...] = ()
    problems: tuple[InvalidValueError, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything was set aside."""
        return bool(self.problems)


NOTHING_SET_ASIDE: Final = SetAside()
"""What is set aside of a document without problems."""


@attrs.frozen(kw_only=True)
class Partial:
    """
    A document without what has problems.

    Attributes:
        snapshot: What can be planned.
        set_aside: What cannot.
    """

    snapshot: Snapshot
    set_aside: SetAside = NOTHING_SET_ASIDE


def finish_partly(drafts: Drafts, as_of: datetime | None) -> Partial:
    """
    Give what was read without all that a problem touches.

    Raises:
        InvalidInputError: with all problems, if one touches nobody knows what.
    """
    sections = drafts.report(as_of)
    skus = _touched_skus(drafts, sections)
    owned = _skus_of_allocations(drafts, sections)
    # Some faults hide behind others: of a stock that could not be read, nobody knew its size.
    _report_overdrawn(drafts, sections, [sku not in skus for sku in owned], skus)
    skus = _touched_skus(drafts, sections)
    if as_of is None:
        raise drafts.refusal()
    touched = {order for touch in drafts.touches if touch for order in touch.orders}
    orders = [order for order in sections.orders if not _is_touched(order, touched, skus)]
    kept = {order.id for order in orders}
    away = touched | {order.id for order in sections.orders if order.id not in kept}
    clean = [
        (allocation, sku)
        for allocation, sku in zip(sections.allocations, owned, strict=True)
        if sku not in skus
    ]
    theirs = [
        StillAllocated(
            order=each.order,
            line=each.line,
            sku=sku,
            location=each.location,
            quantity=each.quantity,
        )
        for each, sku in clean
        if each.order not in kept
    ]
    snapshot = Snapshot(
        as_of=as_of,
        items=None if sections.items is None else _without(sections.items, skus),
        stock=_less(_without(sections.stock, skus), theirs),
        receipts=_without(sections.receipts, skus),
        orders=orders,
        allocations=[each for each, _ in clean if each.order in kept],
        backorders=[each for each in sections.backorders if each.order not in away],
        holds=_without(sections.holds, skus),
    )
    aside = SetAside(
        skus=tuple(sorted(map(Sku, skus))),
        orders=tuple(sorted(map(OrderId, away))),
        allocations=tuple(sorted(theirs, key=lambda each: (each.order, each.line, each.location))),
        problems=tuple(drafts.problems),
    )
    return Partial(snapshot=snapshot, set_aside=aside)


def _touched_skus(drafts: Drafts, sections: Sections) -> set[str]:
    """
    Give the SKUs that problems touch.

    Raises:
        InvalidInputError: with all problems, if one touches nobody knows what.
    """
    skus = set[str]()
    for touch in drafts.touches:
        if touch is None:
            raise drafts.refusal()
        skus |= touch.skus
    skus = set(filterfalse(drafts.is_stand_in, skus))
    hanging = set(drafts.hanging)
    if hanging:
        skus.update(
            line.sku
            for order in sections.orders
            for line in order.lines
            if (order.id, line.id) in hanging
        )
    if any(map(drafts.is_stand_in, skus)):
        raise drafts.refusal()
    return skus


def _skus_of_allocations(drafts: Drafts, sections: Sections) -> list[Sku]:
    """
    Give the SKU of each allocation.

    Raises:
        InvalidInputError: with all problems, if nobody knows of one; it may hold
            units of any SKU.
    """
    skus = list[Sku]()
    for allocation in sections.allocations:
        line = drafts.line_named({"order": allocation.order, "line": allocation.line})
        if line is None:
            raise drafts.refusal()
        skus.append(line.sku)
    return skus


def _report_overdrawn(
    drafts: Drafts, sections: Sections, clean: Iterable[bool], skus: Collection[str]
) -> None:
    """Note allocations that do not fit, of SKUs whose stock and lines are known."""
    places = list(compress(count(), clean))
    known = attrs.evolve(
        sections,
        stock=_without(sections.stock, skus),
        allocations=[sections.allocations[place] for place in places],
    )
    for fault in allocation_faults(known):
        there = attrs.evolve(fault, index=places[fault.index])
        drafts.report_fault(there, sections, LineNumbers(lambda _: ()))


def _is_touched(order: Order, touched: Collection[str], skus: Collection[str]) -> bool:
    return order.id in touched or any(line.sku in skus for line in order.lines)


class _OfSku(Protocol):
    @property
    def sku(self) -> Sku: ...


_Entry = TypeVar("_Entry", bound=_OfSku)


def _without(entries: Iterable[_Entry], skus: Collection[str]) -> list[_Entry]:
    return [entry for entry in entries if entry.sku not in skus]


def _less(stock: Iterable[StockLevel], theirs: Iterable[StillAllocated]) -> list[StockLevel]:
    """Take out of the stock what orders hold that are set aside."""
    held = Counter[tuple[Sku, Location]]()
    for each in theirs:
        held[each.sku, each.location] += each.quantity
    return [
        attrs.evolve(level, on_hand=level.on_hand - held[level.sku, level.location])
        if (level.sku, level.location) in held
        else level
        for level in stock
    ]
