"""What of one SKU can be promised by when: supply, what it is committed to, and what is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import Final

import attrs

from backorderkit.model._checks import MAX_INTEGER
from backorderkit.model.ids import LineId, Location, OrderId, ReceiptId, Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.book import Book
from backorderkit.planning.planner import run
from backorderkit.planning.prepared import Shared, goes_by_sums, reach
from backorderkit.planning.shelf import Shelf
from backorderkit.planning.supply import refills
from backorderkit.planning.views import Taking, places_of, promised
from backorderkit.policies.protocol import AllocationPolicy
from backorderkit.policies.shipping import Shipping
from backorderkit.promising.last_served import probing_policy
from backorderkit.promising.supply_rules import SupplyRules
from backorderkit.promising.tables import suffix_minimum

_LAST: Final = datetime.max.replace(tzinfo=UTC)
_LINE: Final = LineId("1")


@attrs.frozen(kw_only=True)
class AtpStep:
    """
    What happens to a SKU at one moment, and what can be promised from then on.

    Attributes:
        at: When: the moment of the snapshot for what is on hand, and for a receipt its due
            date, or that moment if it is overdue.
        supply: Units that come then, beyond what holds and safety stock lack.
        committed: Units that open lines need then.
        balance: What is left after all that came and went so far: the projected balance.
        available: What can be promised for then, or for any time before the next step,
            without breaking another promise.
        receipt: Which receipt comes; None for stock, and where a line needs its units only.
    """

    at: datetime
    supply: int
    committed: int
    balance: int
    available: int
    receipt: ReceiptId | None = None

    @property
    def discrete(self) -> int:
        """What this step leaves by itself: its supply less what is committed then."""
        return self.supply - self.committed


_Flow = tuple[datetime, int, int, ScheduledReceipt | None, Location | None]
"""When, how much comes, how much is committed, from which receipt, and where; None is anywhere."""


def timeline_of(
    book: Book,
    sku: Sku,
    location: Location | None,
    policy: AllocationPolicy,
    rules: SupplyRules,
) -> tuple[AtpStep, ...]:
    """
    Work out what of a SKU can be promised by when.

    Args:
        book: What is true, with receipts as they count.
        sku: Of what.
        location: At one location, or anywhere.
        policy: Who gets scarce supply.
        rules: Whether lines take the first supply or the last that is in time.

    O(receipts of the SKU) for FIFO and priority where no line and no unit is bound to a
    location; else O(lines of the SKU x its receipts), at most.
    """
    shelf = book._shelf(sku)  # noqa: SLF001 - it is ours
    # By ship rules units may lie there for a line that goes later: what is left, is free.
    if rules.peg == "earliest" and not isinstance(policy, Shipping):
        if shelf.is_plain and goes_by_sums(policy):
            return _steps(_beyond_reach(shelf, book.as_of, location))
        return _steps(_left_over(book, sku, location, policy))
    return _in_time(book, sku, location, policy, rules)


def _steps(
    flows: Iterable[_Flow], stock: Mapping[Location | None, int] | None = None
) -> tuple[AtpStep, ...]:
    ordered = sorted(flows, key=_when)
    balance = accumulate(supply - committed for _, supply, committed, *_ in ordered)
    # At one moment everything happens before anybody looks.
    available = list(suffix_minimum(_free(ordered, stock or {})))
    for place in range(len(ordered) - 2, -1, -1):
        if ordered[place][0] == ordered[place + 1][0]:
            available[place] = available[place + 1]
    return tuple(
        AtpStep(
            at=at,
            supply=supply,
            committed=committed,
            balance=left,
            available=max(0, free),
            receipt=None if receipt is None else receipt.id,
        )
        for (at, supply, committed, receipt, _), left, free in zip(
            ordered, balance, available, strict=True
        )
    )


def _free(ordered: Sequence[_Flow], stock: Mapping[Location | None, int]) -> list[int]:
    """
    Say how much of what came so far no place needs later for lines that are bound to it.

    Where nobody is bound this is the balance.  O(n).

    Args:
        ordered: What comes and goes, by time; the stock on hand, as a whole, is the first.
        stock: How much of that is where.
    """
    by_place = dict[Location | None, list[int]]()
    for step, (*_, where) in enumerate(ordered):
        by_place.setdefault(where, []).append(step)
    changes = [0] * len(ordered)
    for where, steps in by_place.items():
        here = stock.get(where, 0)
        net = (ordered[step][1] - ordered[step][2] for step in steps)
        left = tuple(accumulate(net, initial=here))
        kept = left if where is None else suffix_minimum(left)
        changes[0] += kept[0] - here
        for step, (before, now) in zip(steps, pairwise(kept), strict=True):
            changes[step] += now - before
    return list(accumulate(changes))


def _when(flow: _Flow) -> tuple[datetime, bool, str]:
    """What comes at a moment comes before what is needed then."""
    at, supply, _, receipt, _ = flow
    return at, not supply, "" if receipt is None else receipt.id


def _beyond_reach(shelf: Shelf, as_of: datetime, location: Location | None) -> Iterator[_Flow]:
    """Take from sums what the lines leave.  O(receipts), however many lines there are."""
    site = shelf.stock[0].location if shelf.stock else None
    for receipt, supply, taken in reach(shelf, as_of):
        if receipt is None:
            here = location in (None, site)
            yield as_of, supply if here else 0, taken if here else 0, None, None
        elif supply and location in (None, receipt.location):
            yield max(receipt.due, as_of), supply, taken, receipt, None


def _left_over(
    book: Book, sku: Sku, location: Location | None, policy: AllocationPolicy
) -> Iterator[_Flow]:
    """Plan an order that comes last and wants everything: what it gets, nobody else wants."""
    probe = _probe(book, sku, location)
    shared = _shared(book.with_order(probe), sku, probing_policy(policy, probe.id))
    row = next(row for row in shared.lines.rows_of(sku) if shared.lines.owners[row] == probe)
    granted = {
        None: sum(units for _, units in places_of(shared.lines, shared.decisions, row)),
    } | {receipt.id: units for receipt, units in shared.decisions.promised.get(row, ())}
    for at, supply, receipt in _supply(shared, sku, location):
        left = granted.get(None if receipt is None else receipt.id, 0)
        # Units elsewhere may have been freed here for it.
        yield at, max(supply, left), max(supply, left) - left, receipt, None


def _in_time(
    book: Book,
    sku: Sku,
    location: Location | None,
    policy: AllocationPolicy,
    rules: SupplyRules,
) -> tuple[AtpStep, ...]:
    """Let each open line need what it gets when it was requested, not when it can be had."""
    shared = _shared(book, sku, policy)
    flows: list[_Flow] = [
        (at, supply, 0, receipt, None if receipt is None else receipt.location)
        for at, supply, receipt in _supply(shared, sku, location)
    ]
    for row, where, units, receipt in _takings(shared, sku):
        line = shared.lines.lines[row]
        needed = rules.needed_at(line, as_of=book.as_of)
        if needed is not None and location in (None, where):
            there = book.as_of if receipt is None else max(receipt.due, book.as_of)
            flows.append((max(needed, there), 0, units, None, location or line.location))
    pools = shared.decisions.supply.pools_of(sku, shared.lines)
    return _steps(flows, {where: max(0, units) for where, units in pools})


def _takings(shared: Shared, sku: Sku) -> Iterator[Taking]:
    """List what lines get now and are promised; what they hold already is gone."""
    if sku not in shared.lines.spans:
        return
    for row in shared.lines.rows_of(sku):
        for where, units in places_of(shared.lines, shared.decisions, row):
            yield row, where, units, None
    yield from promised(sku, shared.lines, shared.decisions)


def _supply(
    shared: Shared, sku: Sku, location: Location | None
) -> Iterator[tuple[datetime, int, ScheduledReceipt | None]]:
    """Give what is there and what comes, beyond what holds and safety stock lack."""
    supply, as_of = shared.decisions.supply, shared.snapshot.as_of
    balances = dict(supply.pools_of(sku, shared.lines))
    missing = {where: -balance for where, balance in balances.items() if balance < 0}
    there = (max(0, each) for where, each in balances.items() if location in (None, where))
    yield as_of, sum(there), None
    receipts = map(supply.receipts.__getitem__, supply.receipts_of(sku))
    for receipt, refill in refills(receipts, missing):
        if location in (None, receipt.location) and receipt.quantity > refill:
            yield max(receipt.due, as_of), receipt.quantity - refill, receipt


def _shared(book: Book, sku: Sku, policy: AllocationPolicy) -> Shared:
    return run(book, policy, skus=[sku])._run.shared  # noqa: SLF001 - it is ours


def _probe(book: Book, sku: Sku, location: Location | None) -> Order:
    shelf = book._shelf(sku)  # noqa: SLF001 - it is ours
    units = sum(level.on_hand for level in shelf.stock)
    units += sum(receipt.quantity for receipt in shelf.receipts)
    id_ = OrderId("\N{REPLACEMENT CHARACTER}")
    while book.order(id_) is not None:
        id_ = OrderId(f"{id_}\N{REPLACEMENT CHARACTER}")
    line = OrderLine(id=_LINE, sku=sku, location=location, ordered=min(max(1, units), MAX_INTEGER))
    return Order(id=id_, placed_at=_LAST, sequence=MAX_INTEGER, priority=MAX_INTEGER, lines=[line])
