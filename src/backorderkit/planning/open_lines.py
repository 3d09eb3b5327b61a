"""The open lines of a snapshot as columns, SKU after SKU, oldest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import accumulate

import attrs

from backorderkit.model.backorders import Allocation
from backorderkit.model.ids import Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import Snapshot


@attrs.frozen(kw_only=True, eq=False)
class OpenLines:
    """
    Every line with something outstanding, by *row*: its place by order and line id.

    A million lines are a handful of long lists here.  A list for each SKU would
    make Python's collector look through all the orders of the host in every run.

    Attributes:
        owners: The order of each line.
        lines: The lines.
        claims: What each stands for: ordered - cancelled.
        wants: What each is owed beyond what is allocated to it already.
        allocations: All allocations, sorted by order and line.
        allocated_at: Where in them those of a row begin, for rows that have some.
        spans: Which span of the queue holds a SKU's lines.
        starts: Where each span begins; the end of the last follows.
        queue: The rows of all lines, SKU after SKU, each SKU's in FIFO order.
        wanted: The wants along the queue.
        sums: These summed up, from 0.
        held: What is allocated of each SKU already, where it is something.
        bound: The SKUs with a line that is bound to a location.
    """

    owners: list[Order]
    lines: list[OrderLine]
    claims: list[int]
    wants: list[int]
    allocations: tuple[Allocation, ...]
    allocated_at: dict[int, int]
    spans: dict[Sku, int]
    starts: list[int]
    queue: list[int]
    wanted: list[int]
    sums: list[int]
    held: dict[Sku, int]
    bound: set[Sku]

    def rows_of(self, sku: Sku) -> list[int]:
        """Give the rows of a SKU's lines, oldest first."""
        span = self.spans[sku]
        return self.queue[self.starts[span] : self.starts[span + 1]]

    def allocations_of(self, row: int) -> tuple[Allocation, ...]:
        """Give what is allocated to a line already, by location."""
        start = self.allocated_at.get(row)
        if start is None:
            return ()
        order, line = self.owners[row].id, self.lines[row].id
        end = start + 1
        while end < len(self.allocations):
            allocation = self.allocations[end]
            if allocation.line != line or allocation.order != order:
                break
            end += 1
        return self.allocations[start:end]

    def without(self, taken: Mapping[int, Sequence[Allocation]]) -> OpenLines:
        """Give the lines without some of what is allocated to them, by row.  O(lines)."""
        wants, held = list(self.wants), dict(self.held)
        gone = set[int]()
        for row, allocations in taken.items():
            units = sum(allocation.quantity for allocation in allocations)
            wants[row] += units
            held[self.lines[row].sku] -= units
            start = self.allocated_at[row]
            gone.update(range(start, start + len(allocations)))
        kept = [place for place in range(len(self.allocations)) if place not in gone]
        now_at = dict(zip(kept, range(len(kept)), strict=True))
        wanted = list(map(wants.__getitem__, self.queue))
        return attrs.evolve(
            self,
            wants=wants,
            allocations=tuple(map(self.allocations.__getitem__, kept)),
            allocated_at={
                row: now_at[place] for row, place in self.allocated_at.items() if place in now_at
            },
            wanted=wanted,
            sums=list(accumulate(wanted, initial=0)),
            held={sku: units for sku, units in held.items() if units},
        )


def open_lines(snapshot: Snapshot, skus: Collection[Sku] | None = None) -> OpenLines:
    """Put the open lines, or those of some SKUs, in columns.  O(lines x log lines of a SKU)."""
    wanted_skus: Collection[Sku] = () if skus is None else skus
    restricted = skus is not None
    owners: list[Order] = []
    lines: list[OrderLine] = []
    claims: list[int] = []
    wants: list[int] = []
    # The rows of a SKU as a chain from its last: a dict of numbers and a list of them.
    chains = dict[Sku, int]()
    before: list[int] = []
    bound = set[Sku]()
    later = dict[int, datetime]()
    row = 0
    for order in snapshot.orders:
        for line in order.lines:
            claim = line.ordered - line.cancelled
            want = claim - line.shipped
            sku = line.sku
            if not want or (restricted and sku not in wanted_skus):
                continue
            before.append(chains.get(sku, -1))
            chains[sku] = row
            if line.placed_at is not None:
                later[row] = line.placed_at
            row += 1
            if line.location is not None:
                bound.add(sku)
            owners.append(order)
            lines.append(line)
            claims.append(claim)
            wants.append(want)
    held = dict[Sku, int]()
    allocated_at = _subtract_allocations(snapshot.allocations, owners, lines, wants, held)
    starts, queue = _oldest_first(chains, before, owners, later)
    wanted = list(map(wants.__getitem__, queue))
    return OpenLines(
        owners=owners,
        lines=lines,
        claims=claims,
        wants=wants,
        allocations=snapshot.allocations,
        allocated_at=allocated_at,
        spans=dict(zip(chains, range(len(chains)), strict=True)),
        starts=starts,
        queue=queue,
        wanted=wanted,
        sums=list(accumulate(wanted, initial=0)),
        held=held,
        bound=bound,
    )


def _oldest_first(
    chains: dict[Sku, int], before: list[int], owners: list[Order], later: dict[int, datetime]
) -> tuple[list[int], list[int]]:
    """Lay the chains one after another, each sorted; give the starts and the rows."""
    # Two stable sorts by one key each beat one by a tuple, and rows ascend by
    # order and line id already.  Sorting SKU by SKU beats sorting it all.
    sequences = [order.sequence for order in owners]
    has_sequences = any(sequences)
    times = [order.placed_at for order in owners]
    for row, time in later.items():
        times[row] = time
    placed = times.__getitem__
    starts = [0]
    queue: list[int] = []
    for last in chains.values():
        earlier = before[last]
        if earlier < 0:
            queue.append(last)
        else:
            rows = [last, earlier]
            while (earlier := before[earlier]) >= 0:
                rows.append(earlier)
            rows.reverse()
            if has_sequences:
                rows.sort(key=sequences.__getitem__)
            rows.sort(key=placed)
            queue += rows
        starts.append(len(queue))
    return starts, queue


def _subtract_allocations(
    allocations: tuple[Allocation, ...],
    owners: list[Order],
    lines: list[OrderLine],
    wants: list[int],
    held: dict[Sku, int],
) -> dict[int, int]:
    """Take what is allocated from the wants; both sides are sorted by order and line."""
    found = dict[int, int]()
    row = 0
    for index, allocation in enumerate(allocations):
        order, line = allocation.order, allocation.line
        while row < len(owners) and (
            owners[row].id < order or (owners[row].id == order and lines[row].id < line)
        ):
            row += 1
        if row == len(owners) or owners[row].id != order or lines[row].id != line:
            # Of a line of another SKU, where only some are planned.
            continue
        found.setdefault(row, index)
        wants[row] -= allocation.quantity
        sku = lines[row].sku
        held[sku] = held.get(sku, 0) + allocation.quantity
    return found
