"""What there is to share: stock on hand, and receipts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs

from backorderkit.model.holds import held_by_pool
from backorderkit.model.ids import Location, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.planning.open_lines import OpenLines

Pool = tuple[Location, int]
"""A location and its balance, see `Supply.balance_of`."""


@attrs.frozen(kw_only=True, eq=False)
class Supply:
    """
    The supply of every SKU, as columns.

    Attributes:
        stock: All stock levels, sorted by SKU and location; an empty one for a pool of
            which only something is held.
        held: How much of which pools is held for somebody.
        levels: Where in them those of a SKU begin.
        spread: The SKUs with more than one stock level.
        receipts: All receipts, sorted by id.
        last: Which of them is the last of a SKU.
        before: Which one of the same SKU comes before each; -1 is none.
        dues: Their original due dates.
    """

    stock: tuple[StockLevel, ...]
    held: dict[tuple[Sku, Location], int]
    levels: dict[Sku, int]
    spread: set[Sku]
    receipts: tuple[ScheduledReceipt, ...]
    last: dict[Sku, int]
    before: list[int]
    dues: list[datetime]

    def receipts_of(self, sku: Sku) -> list[int]:
        """Give the places of a SKU's receipts, by original due date, then id."""
        places: list[int] = []
        place = self.last.get(sku, -1)
        while place >= 0:
            places.append(place)
            place = self.before[place]
        places.reverse()
        places.sort(key=self.dues.__getitem__)
        return places

    def levels_of(self, sku: Sku) -> Iterator[StockLevel]:
        """Give a SKU's stock levels, sorted by location."""
        place = self.levels.get(sku)
        if place is None:
            return
        for index in range(place, len(self.stock)):
            level = self.stock[index]
            if level.sku != sku:
                return
            yield level

    def site_of(self, sku: Sku) -> Location:
        """Say where the stock of a SKU is, if it has one stock level."""
        return self.stock[self.levels[sku]].location

    def balance_of(self, level: StockLevel) -> int:
        """
        Give what is on hand of a pool beyond its safety stock and what is held of it.

        A pool that lacks some of these has a negative balance here, for the receipts
        to fill; everywhere else numbers are never signed.
        """
        balance = level.on_hand - level.safety_stock
        return balance - self.held.get((level.sku, level.location), 0) if self.held else balance

    def pools_of(self, sku: Sku, lines: OpenLines) -> list[Pool]:
        """Give a SKU's pools, sorted by location, with what planning may give away."""
        if sku not in self.spread:
            place = self.levels.get(sku)
            if place is None:
                return []
            level = self.stock[place]
            return [(level.location, self.balance_of(level) - lines.held.get(sku, 0))]
        balances = {level.location: self.balance_of(level) for level in self.levels_of(sku)}
        if sku in lines.held:
            for row in lines.rows_of(sku):
                for allocation in lines.allocations_of(row):
                    balances[allocation.location] -= allocation.quantity
        return list(balances.items())


def refills(
    receipts: Iterable[ScheduledReceipt], missing: dict[Location, int]
) -> Iterator[tuple[ScheduledReceipt, int]]:
    """
    Give receipts in turn with what each refills of what is missing where it arrives.

    Args:
        receipts: By original due date, then id.
        missing: What holds and safety stock lack at each location; what is refilled is
            taken from it.
    """
    for receipt in receipts:
        refill = min(receipt.quantity, missing.get(receipt.location, 0))
        if refill:
            missing[receipt.location] -= refill
        yield receipt, refill


def supply_of(snapshot: Snapshot) -> Supply:
    """Put the supply of a snapshot in columns."""
    levels = dict[Sku, int]()
    spread = set[Sku]()
    current = None
    stock = snapshot._levels  # noqa: SLF001 - it is ours
    for place, level in enumerate(stock):
        if level.sku == current:
            spread.add(level.sku)
        else:
            current = level.sku
            levels[current] = place
    # A chain from the last receipt of each SKU, as for lines: no list for each SKU.
    last = dict[Sku, int]()
    before: list[int] = []
    for place, receipt in enumerate(snapshot.receipts):
        before.append(last.get(receipt.sku, -1))
        last[receipt.sku] = place
    return Supply(
        stock=stock,
        held=held_by_pool(snapshot.holds, snapshot.as_of),
        levels=levels,
        spread=spread,
        receipts=snapshot.receipts,
        last=last,
        before=before,
        dues=[receipt.due for receipt in snapshot.receipts],
    )
