"""A year of a shop, night by night: what was promised first, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import fmean

import attrs

from backorderkit import (
    Allocated,
    Backordered,
    Book,
    Change,
    Fifo,
    LineId,
    Order,
    OrderId,
    OrderLine,
    Promised,
    Sku,
    Snapshot,
    StockLevel,
    apply,
    plan,
)
from backorderkit.promising import Reliability
from tests.benchmarks.calibration import learn
from tests.benchmarks.past import Delivery, deliveries, rows, time_of

_NIGHT = timedelta(days=1)
_LONGEST = timedelta(days=45)
"""Promises reach no further: two weeks till the due day, and 30 days late."""

_Key = tuple[OrderId, LineId]


@attrs.frozen
class Shop:
    """
    All that happened in the year, by the day.

    Attributes:
        opening: What is on hand before the first day.
        orders: Orders, by the day on which they are placed.
        deliveries: What was bought.
        days: First and last.
    """

    opening: dict[Sku, int]
    orders: dict[date, list[Order]]
    deliveries: list[Delivery]
    days: tuple[date, date]

    @classmethod
    def read(cls, folder: Path) -> Shop:
        """Read online_retail_sample."""
        lines = dict[str, list[OrderLine]]()
        placed = dict[str, str]()
        for row in rows(folder / "demand.csv"):
            line = OrderLine(
                id=LineId(row["line_id"]), sku=Sku(row["sku"]), ordered=int(row["quantity"])
            )
            lines.setdefault(row["order_id"], []).append(line)
            placed.setdefault(row["order_id"], row["ordered_at"])
        orders = defaultdict[date, list[Order]](list)
        for id_, own in lines.items():
            order = Order(id=OrderId(id_), placed_at=time_of(placed[id_]), lines=own)
            orders[order.placed_at.date()].append(order)
        return cls(
            {Sku(row["sku"]): int(row["on_hand"]) for row in rows(folder / "stock_synthetic.csv")},
            orders,
            deliveries(folder / "supply_synthetic.csv"),
            (min(orders), max(orders)),
        )

    def nights(self) -> Iterable[datetime]:
        """Give the midnight after each day."""
        first, last = (time_of(day.isoformat()) for day in self.days)
        return (first + (number + 1) * _NIGHT for number in range((last - first).days + 1))


@attrs.frozen
class Told:
    """
    A promise.

    Attributes:
        due: When the unit is to come.
        on: The day on which that was told.
    """

    due: date
    on: date


@attrs.define
class Unit:
    """
    One unit that had to wait.

    Attributes:
        told: What was promised first.
        came: The day on which it came.
    """

    told: Told | None = None
    came: date | None = None


@attrs.frozen
class Outcome:
    """
    What became of the promises of a year.

    Attributes:
        lines: The units of each line that had to wait.
        last: The last day.
    """

    lines: dict[_Key, list[Unit]]
    last: date

    def promises(self, since: date) -> Kept:
        """
        Give what was promised since some day, and long enough before the last to be over.
        """
        until = self.last - _LONGEST
        told = [
            (unit.told, unit.came or self.last)
            for key in sorted(self.lines)
            for unit in self.lines[key]
            if unit.told and since <= unit.told.on <= until
        ]
        return Kept(
            units=len(told),
            kept=sum(came <= promise.due for promise, came in told),
            slip=fmean(max(0, (came - promise.due).days) for promise, came in told),
            wait=fmean((promise.due - promise.on).days for promise, _ in told),
        )


@attrs.frozen
class Kept:
    """
    Promises, and how they were kept.

    Attributes:
        units: How many units were promised.
        kept: How many came by the date that was told first.
        slip: By how many days they were later than that, in the mean of all; those
            that never came, till the last day.
        wait: How many days ahead the date was, in the mean.
    """

    units: int
    kept: int
    slip: float
    wait: float


def replay(shop: Shop, learnt: Sequence[Reliability], percent: int | None) -> Outcome:
    """
    Go through the year: receive, place orders, and each night plan by FIFO.

    Args:
        shop: What happens.
        learnt: What is known of the suppliers, each night.
        percent: The confidence of promises; None for face value.
    """
    stock = dict(shop.opening)
    opening = [StockLevel(sku=sku, on_hand=on_hand) for sku, on_hand in stock.items()]
    book = Book.of(Snapshot.of(as_of=time_of(shop.days[0].isoformat()), stock=opening))
    units: dict[_Key, list[Unit]] = {}
    coming = list(shop.deliveries)
    for night, reliability in zip(shop.nights(), learnt, strict=True):
        today = (night - _NIGHT).date()
        for delivery in coming:
            for part in delivery.parts:
                if part.received_at is not None and part.received_at.date() == today:
                    stock[part.sku] += part.good
                    book = book.with_stock(StockLevel(sku=part.sku, on_hand=stock[part.sku]))
        for order in shop.orders.get(today, ()):
            book = book.with_order(order)
        book = _with_receipts(book.at(night), coming, reliability, percent)
        coming = [each for each in coming if each.still_to_come(night)]
        changes = plan(book, policy=Fifo()).changes
        _note(units, changes, today)
        book = apply(book, changes)
    return Outcome(units, shop.days[1])


def learn_each_week(shop: Shop) -> list[Reliability]:
    """Give what is known each night, learnt from what was known on the Sunday before."""
    learnt: list[Reliability] = []
    for night in shop.nights():
        is_new = not learnt or night.weekday() == 0
        learnt.append(learn(shop.deliveries, night) if is_new else learnt[-1])
    return learnt


def _with_receipts(
    book: Book, bought: Iterable[Delivery], reliability: Reliability, percent: int | None
) -> Book:
    """Give the book with what is expected tonight, as far as it can be counted on."""
    now = book.as_of
    for each in bought:
        coming = each.still_to_come(now) if each.ordered_at < now else None
        if coming is not None and percent is not None:
            coming = reliability.at(percent).expected(coming, as_of=now)
        known = book.receipt(each.first.id)
        if coming is None and known is not None:
            book = book.without_receipt(known.id)
        elif coming is not None and coming != known:
            book = book.with_receipt(coming)
    return book


def _note(units: dict[_Key, list[Unit]], changes: Iterable[Change], today: date) -> None:
    """Note who waits, what was promised first, and what came; a line's units in their order."""
    for change in changes:
        key = change.order, change.line
        waiting = [unit for unit in units.get(key, ()) if unit.came is None]
        match change:
            case Allocated():
                for unit in waiting[: change.quantity]:
                    unit.came = today
            case Backordered():
                units.setdefault(key, [Unit() for _ in range(change.quantity)])
            case Promised():
                told = [each.due.date() for each in change.promises for _ in range(each.quantity)]
                for unit, due in zip(waiting, told, strict=False):
                    unit.told = unit.told or Told(due, today)
