"""What there is to share: stock on hand, and receipts in the order in which they come."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

import attrs

from backorderkit.model.ids import Location, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.planning.open_lines import OpenLines

Pool = tuple[Location, int]
"""A location and its balance beyond the safety stock."""


@attrs.frozen(kw_only=True, eq=False)
class Supply:
    """
    The supply of every SKU, as columns.

    Attributes:
        stock: All stock levels, sorted by SKU and location.
        levels: Where in them those of a SKU begin.
        spread: The SKUs with more than one stock level.
        receipts: All receipts by original due date, then id.
        first: Which of them comes first for a SKU.
        following: Which one of the same SKU comes next after each; -1 is none.
    """

    stock: tuple[StockLevel, ...]
    levels: dict[Sku, int]
    spread: set[Sku]
    receipts: list[ScheduledReceipt]
    first: dict[Sku, int]
    following: list[int]

    def receipts_of(self, sku: Sku) -> Iterator[int]:
        """Give the places of a SKU's receipts, in their order."""
        place = self.first.get(sku, -1)
        while place >= 0:
            yield place
            place = self.following[place]

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

    def pools_of(self, sku: Sku, lines: OpenLines) -> list[Pool]:
        """
        Give a SKU's pools, sorted by location, with what planning may give away.

        A pool that lacks some of its safety stock has a negative balance here, for
        the receipts to fill; everywhere else numbers are never signed.
        """
        if sku not in self.spread:
            place = self.levels.get(sku)
            if place is None:
                return []
            level = self.stock[place]
            held = lines.held.get(sku, 0)
            return [(level.location, level.on_hand - level.safety_stock - held)]
        balances = {
            level.location: level.on_hand - level.safety_stock for level in self.levels_of(sku)
        }
        if sku in lines.held:
            for row in lines.rows_of(sku):
                for allocation in lines.allocations_of(row):
                    balances[allocation.location] -= allocation.quantity
        return list(balances.items())


def supply_of(snapshot: Snapshot) -> Supply:
    """Put the supply of a snapshot in columns."""
    levels = dict[Sku, int]()
    spread = set[Sku]()
    last = None
    for place, level in enumerate(snapshot.stock):
        if level.sku == last:
            spread.add(level.sku)
        else:
            last = level.sku
            levels[last] = place
    # Sorting is stable, and the receipts of a snapshot are sorted by id.
    receipts = sorted(snapshot.receipts, key=attrgetter("due"))
    first = dict[Sku, int]()
    following = [-1] * len(receipts)
    for place in range(len(receipts) - 1, -1, -1):
        sku = receipts[place].sku
        following[place] = first.get(sku, -1)
        first[sku] = place
    return Supply(
        stock=snapshot.stock,
        levels=levels,
        spread=spread,
        receipts=receipts,
        first=first,
        following=following,
    )
