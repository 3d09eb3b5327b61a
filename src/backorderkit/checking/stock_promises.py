"""Promises of units on hand: which supply, that nobody took when it came, fills them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import attrs

from backorderkit.model.ids import Location
from backorderkit.model.snapshot import LineKey


@attrs.frozen(kw_only=True)
class StockPromise:
    """
    Units on hand that a plan promises to a line for a later day.

    Attributes:
        key: Which line.
        bound: From where it must get them; None is anywhere.
        due: For when.
        quantity: How many.
    """

    key: LineKey
    bound: Location | None
    due: datetime
    quantity: int


@attrs.frozen(kw_only=True)
class Left:
    """
    What of one supply event nobody took when it came.

    Attributes:
        day: The day of the event, in UTC.
        units: How many units lie there, by location; below 0 if more was given.
    """

    day: date
    units: Counter[Location]


@attrs.frozen(kw_only=True)
class Filled:
    """
    Which promises are of units that are there.

    Attributes:
        kept: What each line is promised of what each event left.
        missing: What nothing is left for, in order of time.
    """

    kept: tuple[Counter[LineKey], ...]
    missing: tuple[StockPromise, ...]


def filled(told: Iterable[StockPromise], left: Sequence[Left]) -> Filled:
    """
    Fill promises of one SKU, as many units as possible; *left* in order of time.

    Who is bound takes the latest units that will do, and leaves the earlier ones to
    those who may take them anywhere; these take the earliest.
    """
    kept = tuple(Counter[LineKey]() for _ in left)
    rest = [Counter(event.units) for event in left]
    missing = list[StockPromise]()
    for promise in sorted(told, key=lambda each: (each.bound is None, each.due, each.key)):
        there = [place for place, event in enumerate(left) if event.day <= promise.due.date()]
        bound, open_ = promise.bound, promise.quantity
        for place in there if bound is None else reversed(there):
            for location in sorted(rest[place]) if bound is None else (bound,):
                units = max(0, min(open_, rest[place][location]))
                rest[place][location] -= units
                kept[place][promise.key] += units
                open_ -= units
        if open_:
            missing.append(attrs.evolve(promise, quantity=open_))
    missing.sort(key=lambda each: (each.due, each.key))
    return Filled(kept=kept, missing=tuple(missing))
