"""What each order still needs of the stock on hand, and which orders stand in each other's way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import attrs

from backorderkit.model.ids import Location, Sku
from backorderkit.model.orders import Order
from backorderkit.model.snapshot import Snapshot

Row: TypeAlias = tuple[Sku, Location | None]
"""What is limited: the units of a SKU at a location, or all units of it."""


@attrs.frozen(kw_only=True, eq=False)
class Candidate:
    """
    An order that waits for something, and could be completed if it were alone.

    Attributes:
        order: The order.
        needs: What it takes of each row that can be short.
        skus: The SKUs that it waits for.
        free: Those of them that a free line waits for.
    """

    order: Order
    needs: Mapping[Row, int]
    skus: frozenset[Sku]
    free: frozenset[Sku]


@attrs.frozen(kw_only=True, eq=False)
class Group:
    """
    Orders that are tied by SKUs of which there is not enough for all of them.

    Attributes:
        members: First come first.
        rows: What there is of each row that is too short for all.
    """

    members: Sequence[Candidate]
    rows: Mapping[Row, int]


def groups_of(snapshot: Snapshot) -> list[Group]:
    """
    Split the orders that could be completed into groups that do not touch.

    Bound lines have the units of one location, free ones those of all, in parts too; so by
    Hall's theorem orders can be completed together exactly where both sums allow it.
    O(lines), and sorting.
    """
    supply = _supply(snapshot)
    waiting = (_candidate(snapshot, order) for order in snapshot.orders)
    fitting = [
        each
        for each in waiting
        if each and all(units <= supply.get(row, 0) for row, units in each.needs.items())
    ]
    wanted = defaultdict[Row, int](int)
    for each in fitting:
        for row, units in each.needs.items():
            wanted[row] += units
    # Where all lines are bound, the sums of the locations say it all.
    free = {sku for each in fitting for sku in each.free}
    scarce = {
        (sku, place): supply[sku, place]
        for (sku, place), units in wanted.items()
        if units > supply[sku, place] and (place is not None or sku in free)
    }
    return _tied(
        [
            attrs.evolve(each, needs={row: n for row, n in each.needs.items() if row in scarce})
            for each in fitting
        ],
        scarce,
    )


def touching(groups: Iterable[Group], skus: frozenset[Sku]) -> list[Group]:
    """Give those groups with an order that waits for one of the SKUs."""
    return [
        group for group in groups if any(not skus.isdisjoint(each.skus) for each in group.members)
    ]


def fifo_key_of(candidate: Candidate) -> tuple[object, int, str]:
    """Give what decides who came first: total, down to the id."""
    order = candidate.order
    return order.placed_at, order.sequence, order.id


def _supply(snapshot: Snapshot) -> dict[Row, int]:
    supply = defaultdict[Row, int](int)
    for position in snapshot.positions:
        supply[position.sku, position.location] += position.available
        supply[position.sku, None] += position.available
    return dict(supply)


def _candidate(snapshot: Snapshot, order: Order) -> Candidate | None:
    """Give what an order wants of each SKU, and of that at each location, if it wants anything."""
    needs = dict[Row, int]()
    free = set[Sku]()
    for line in order.lines:
        want = snapshot.line(order.id, line.id).unallocated if line.outstanding else 0
        if not want:
            continue
        needs[line.sku, None] = needs.get((line.sku, None), 0) + want
        if line.location is None:
            free.add(line.sku)
        else:
            row = line.sku, line.location
            needs[row] = needs.get(row, 0) + want
    if not needs:
        return None
    skus = frozenset(sku for sku, _ in needs)
    return Candidate(order=order, needs=needs, skus=skus, free=frozenset(free))


def _tied(candidates: list[Candidate], scarce: Mapping[Row, int]) -> list[Group]:
    """Put those together that share a scarce row, themselves or through others."""
    candidates.sort(key=fifo_key_of)
    first = dict[Row, int]()
    parent = list(range(len(candidates)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = place = parent[parent[place]]
        return place

    for place, each in enumerate(candidates):
        for row in each.needs:
            other = root(first.setdefault(row, place))
            # The oldest is the root, so groups come in the order of their oldest.
            low, high = sorted((other, root(place)))
            parent[high] = low
    members = defaultdict[int, list[Candidate]](list)
    for place, each in enumerate(candidates):
        members[root(place)].append(each)
    return [
        Group(members=tied, rows={row: scarce[row] for each in tied for row in each.needs})
        for tied in members.values()
    ]
