"""From which location each line's units come, once it is decided how many it gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from backorderkit.model._slots import fill
from backorderkit.model.ids import Location, OrderId, Sku
from backorderkit.planning.open_lines import OpenLines
from backorderkit.policies.placing import (
    NO_PLACES,
    NOTHING_HELD,
    Places,
    Placing,
    ToPlace,
    may_split,
    verified_places,
)
from backorderkit.policies.queue import Queue
from backorderkit.policies.sourcing import IN_LOCATION_ORDER, InLocationOrder

__all__ = ["Placer", "Places", "place_in_order", "together"]


class Placer:
    """
    Puts a run's questions to a placing.

    It knows what lines have where: allocations from before, and what `took` told it.
    """

    __slots__ = ("_held", "_lines", "_placing", "_seen", "unsplit")

    def __init__(self, placing: Placing, lines: OpenLines) -> None:
        """Ask nothing yet."""
        # The usual one looks at nothing but the shares.
        is_usual = type(placing) is InLocationOrder and placing == IN_LOCATION_ORDER
        self._placing = None if is_usual else placing
        self._lines = lines
        self._held = dict[int, dict[Location, int]]()
        self._seen = set[Sku]()
        self.unsplit = not may_split(placing)

    def place(
        self,
        demands: Queue,
        shares: Sequence[int],
        supply: Mapping[Location, int],
        *,
        sites: Sequence[Location | None] | None = None,
        turns: Sequence[int] | None = None,
    ) -> list[Places]:
        """
        Say where the units of each demand come from.

        Args:
            demands: Who was served, in FIFO order.
            shares: How much each of them gets; together they fit the supply, and
                the bound ones of a location fit what it has.
            supply: What each location has.
            sites: The only location of each, if not that of its line.
            turns: Their places in the order in which they choose, if not FIFO.

        Raises:
            PolicyViolationError: if the placing breaks a clause.
        """
        if self._placing is None:
            return place_in_order(demands, shares, supply)
        turns = range(len(shares)) if turns is None else turns
        served = [place for place in turns if shares[place]]
        places: list[Places] = [()] * len(shares)
        if not served:
            return places
        there = {location: units for location, units in supply.items() if units}
        asked = self._asked(demands, shares, served, sites)
        for place, own in zip(served, verified_places(self._placing, there, asked), strict=True):
            places[place] = own
        return places

    def again(self) -> Placer:
        """Give one that was told nothing."""
        return Placer(self._placing or IN_LOCATION_ORDER, self._lines)

    def took(self, row: int, places: Iterable[tuple[Location, int]]) -> None:
        """Note what a line got, where a later question may come to it again."""
        if self._placing is not None:
            held = self._held.setdefault(row, {})
            for location, units in places:
                held[location] = held.get(location, 0) + units

    def held(self, sku: Sku, row: int) -> Mapping[Location, int]:
        """Say what a line of a SKU has where."""
        self._look_up(sku)
        return self._held.get(row, NOTHING_HELD)

    def _asked(
        self,
        demands: Queue,
        shares: Sequence[int],
        served: Sequence[int],
        sites: Sequence[Location | None] | None,
    ) -> list[ToPlace]:
        all_lines, all_orders, rows = demands.lines, demands.orders, demands.rows
        lines = [all_lines[place] for place in served]
        orders = [all_orders[place] for place in served]
        sku = lines[0].sku
        self._look_up(sku)
        columns: dict[str, Sequence[object]] = {
            "order": orders,
            "line": lines,
            "share": [shares[place] for place in served],
            "site": [line.location for line in lines]
            if sites is None
            else [sites[place] for place in served],
        }
        if self._held:
            own_rows = [rows[place] for place in served]
            held = [MappingProxyType(self._held.get(row, {})) for row in own_rows]
            used = self._used_by_others(sku)
            columns["held"] = held
            columns["used"] = [
                frozenset(location for other, location in used.get(order.id, ()) if other != row)
                if order.id in used
                else NO_PLACES
                for order, row in zip(orders, own_rows, strict=True)
            ]
        return fill(ToPlace, columns)

    def _used_by_others(self, sku: Sku) -> dict[OrderId, list[tuple[int, Location]]]:
        """Say, of the orders with several lines of a SKU, which row of them uses what."""
        by_order = dict[OrderId, list[int]]()
        owners = self._lines.owners
        for row in self._lines.rows_of(sku):
            by_order.setdefault(owners[row].id, []).append(row)
        return {
            order: [(row, location) for row in rows for location in self._held.get(row, ())]
            for order, rows in by_order.items()
            if len(rows) > 1
        }

    def _look_up(self, sku: Sku) -> None:
        """Look once at what lines of a SKU had before."""
        if sku in self._seen:
            return
        self._seen.add(sku)
        if sku in self._lines.held:
            for row in self._lines.rows_of(sku):
                for allocation in self._lines.allocations_of(row):
                    self.took(row, [(allocation.location, allocation.quantity)])


def place_in_order(
    demands: Queue, shares: Sequence[int], supply: Mapping[Location, int]
) -> list[Places]:
    """
    Take bound lines' units from their location, and the rest in name order.

    How many units a line gets is the policy's decision and fixed here.  Bound
    lines go first, since they have no choice; free lines follow, oldest first.

    Args:
        demands: Who was served, in FIFO order.
        shares: How much each of them gets; together they fit the supply, and
            the bound lines of a location fit what it has.
        supply: What each location has, sorted by name.

    Returns:
        The places of each demand.
    """
    left = dict(supply)
    places: list[Places] = [()] * len(shares)
    for index, line in enumerate(demands.lines):
        if line.location is not None and shares[index]:
            left[line.location] -= shares[index]
            places[index] = ((line.location, shares[index]),)
    # Locations are used up one after another, so this walks them once in all.
    open_locations = [location for location, quantity in left.items() if quantity]
    current = 0
    for index, line in enumerate(demands.lines):
        wanted = shares[index] if line.location is None else 0
        taken: list[tuple[Location, int]] = []
        while wanted:
            location = open_locations[current]
            quantity = min(wanted, left[location])
            taken.append((location, quantity))
            left[location] -= quantity
            wanted -= quantity
            if not left[location]:
                current += 1
        if taken:
            places[index] = tuple(taken)
    return places


def together(one: Places, other: Places) -> Places:
    """Add places up."""
    if not one:
        return other
    sums = dict(one)
    for location, quantity in other:
        sums[location] = sums.get(location, 0) + quantity
    return tuple(sorted(sums.items()))
