"""The open lines of a snapshot as columns, bucketed by SKU, oldest first."""

from __future__ import annotations

import attrs

from backorderkit.model.backorders import Allocation
from backorderkit.model.ids import Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey, Snapshot


@attrs.frozen(kw_only=True, eq=False)
class Book:
    """
    Every line with something outstanding, by *row*: its place by order and line id.

    Attributes:
        owners: The order of each line.
        lines: The lines.
        wants: What each is owed beyond what is allocated to it already.
        allocations: The allocations of those lines that have some.
        buckets: The rows of each SKU's lines, in FIFO order.
        bound: The SKUs with a line that is bound to a location.
    """

    owners: list[Order]
    lines: list[OrderLine]
    wants: list[int]
    allocations: dict[int, list[Allocation]]
    buckets: dict[Sku, list[int]]
    bound: set[Sku]


def open_book(snapshot: Snapshot) -> Book:
    """Bucket the open lines of a snapshot.  O(lines x log lines of a SKU)."""
    owners: list[Order] = []
    lines: list[OrderLine] = []
    wants: list[int] = []
    buckets = dict[Sku, list[int]]()
    bound = set[Sku]()
    for order in snapshot.orders:
        for line in order.lines:
            outstanding = line.ordered - line.shipped - line.cancelled
            if not outstanding:
                continue
            bucket = buckets.get(line.sku)
            if bucket is None:
                buckets[line.sku] = [len(wants)]
            else:
                bucket.append(len(wants))
            if line.location is not None:
                bound.add(line.sku)
            lines.append(line)
            owners.append(order)
            wants.append(outstanding)
    _sort_oldest_first(buckets, owners)
    allocations = dict[int, list[Allocation]]()
    if snapshot.allocations:
        allocations = _allocations_by_row(snapshot, owners, lines)
        for row, own in allocations.items():
            wants[row] -= sum(allocation.quantity for allocation in own)
    return Book(
        owners=owners,
        lines=lines,
        wants=wants,
        allocations=allocations,
        buckets=buckets,
        bound=bound,
    )


def _sort_oldest_first(buckets: dict[Sku, list[int]], owners: list[Order]) -> None:
    # Two stable sorts by one key each beat one by a tuple, and rows ascend by
    # order and line id already.  Sorting bucket by bucket beats sorting it all.
    sequences = [order.sequence for order in owners]
    has_sequences = any(sequences)
    placed = [order.placed_at for order in owners]
    for bucket in buckets.values():
        if len(bucket) > 1:
            if has_sequences:
                bucket.sort(key=sequences.__getitem__)
            bucket.sort(key=placed.__getitem__)


def _allocations_by_row(
    snapshot: Snapshot, owners: list[Order], lines: list[OrderLine]
) -> dict[int, list[Allocation]]:
    by_key = dict[LineKey, list[Allocation]]()
    for allocation in snapshot.allocations:
        by_key.setdefault((allocation.order, allocation.line), []).append(allocation)
    found = dict[int, list[Allocation]]()
    for row, (order, line) in enumerate(zip(owners, lines, strict=True)):
        own = by_key.get((order.id, line.id))
        if own is not None:
            found[row] = own
    return found
