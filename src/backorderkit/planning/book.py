"""The open lines of a snapshot as columns, bucketed by SKU, oldest first."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from backorderkit.model.backorders import Allocation
from backorderkit.model.ids import Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey, Snapshot


@attrs.frozen(kw_only=True, eq=False)
class Book:
    """
    Every line with something outstanding, by *rank*: its place in FIFO order.

    A rank is an index into the columns, so lower ranks are older lines and a
    bucket of ascending ranks is in FIFO order without being sorted.

    Attributes:
        orders: All orders of the snapshot.
        owners: The order of each line.
        lines: The lines.
        held: What is allocated to each already.
        allocations: The allocations of those lines that have some.
        buckets: The ranks of each SKU's lines.
        bound: The SKUs with a line that is bound to a location.
        starts: For each of the orders, the rank of its first line here.
    """

    orders: tuple[Order, ...]
    owners: list[Order]
    lines: list[OrderLine]
    held: list[int]
    allocations: dict[int, list[Allocation]]
    buckets: dict[Sku, list[int]]
    bound: set[Sku]
    starts: list[int]

    def by_id(self) -> Iterator[int]:
        """Give the ranks sorted by order id and line id, as in the snapshot."""
        end = len(self.owners)
        for order, start in zip(self.orders, self.starts, strict=True):
            rank = start
            while rank < end and self.owners[rank] is order:
                yield rank
                rank += 1


def open_book(snapshot: Snapshot) -> Book:
    """Bucket the open lines of a snapshot.  O(lines + orders log orders)."""
    orders = snapshot.orders
    owners: list[Order] = []
    lines: list[OrderLine] = []
    buckets = dict[Sku, list[int]]()
    bound = set[Sku]()
    starts = [0] * len(orders)
    for index in _oldest_first(orders):
        order = orders[index]
        starts[index] = len(lines)
        for line in order.lines:
            if line.ordered <= line.shipped + line.cancelled:
                continue
            bucket = buckets.get(line.sku)
            if bucket is None:
                buckets[line.sku] = [len(lines)]
            else:
                bucket.append(len(lines))
            if line.location is not None:
                bound.add(line.sku)
            lines.append(line)
            owners.append(order)
    held = [0] * len(lines)
    allocations = dict[int, list[Allocation]]()
    if snapshot.allocations:
        allocations = _allocations_by_rank(snapshot, owners, lines)
        for rank, own in allocations.items():
            held[rank] = sum(allocation.quantity for allocation in own)
    return Book(
        orders=orders,
        owners=owners,
        lines=lines,
        held=held,
        allocations=allocations,
        buckets=buckets,
        bound=bound,
        starts=starts,
    )


def _oldest_first(orders: tuple[Order, ...]) -> list[int]:
    # Two stable sorts by one key each beat one sort by a tuple; the orders of a
    # snapshot are sorted by id already, and their lines by line id.
    order = list(range(len(orders)))
    sequences = [each.sequence for each in orders]
    if any(sequences):
        order.sort(key=sequences.__getitem__)
    order.sort(key=[each.placed_at for each in orders].__getitem__)
    return order


def _allocations_by_rank(
    snapshot: Snapshot, owners: list[Order], lines: list[OrderLine]
) -> dict[int, list[Allocation]]:
    by_key = dict[LineKey, list[Allocation]]()
    for allocation in snapshot.allocations:
        by_key.setdefault((allocation.order, allocation.line), []).append(allocation)
    found = dict[int, list[Allocation]]()
    for rank, (order, line) in enumerate(zip(owners, lines, strict=True)):
        own = by_key.get((order.id, line.id))
        if own is not None:
            found[rank] = own
    return found
