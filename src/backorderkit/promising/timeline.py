"""What of one SKU can be promised by when: supply, what it is committed to, and what is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import accumulate
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

_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)
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


_Flow = tuple[datetime, int, int, ScheduledReceipt | None]
"""When, how much comes, how much is committed, and from which receipt."""


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
    return _steps(_flows(book, sku, location, policy, rules))


def _steps(flows: Iterable[_Flow]) -> tuple[AtpStep, ...]:
    ordered = sorted(flows, key=_when)
    balance = list(accumulate(supply - committed for _, supply, committed, _ in ordered))
    # At one moment everything happens before anybody looks.
    available = list(suffix_minimum(balance))
    for place in range(len(ordered) - 2, -1, -1):
        if ordered[place][0] == ordered[place + 1][0]:
            available[place] = available[place + 1]
    return tuple(
        AtpStep(
            at=at,
            supply=supply,
            committed=committed,
            balance=balance[place],
            available=max(0, available[place]),
            receipt=None if receipt is None else receipt.id,
        )
        for place, (at, supply, committed, receipt) in enumerate(ordered)
    )


def _when(flow: _Flow) -> tuple[datetime, bool, str]:
    """What comes at a moment comes before what is needed then."""
    at, supply, _, receipt = flow
    return at, not supply, "" if receipt is None else receipt.id


def _beyond_reach(shelf: Shelf, as_of: datetime, location: Location | None) -> Iterator[_Flow]:
    """Take from sums what the lines leave.  O(receipts), however many lines there are."""
    site = shelf.stock[0].location if shelf.stock else None
    for receipt, supply, taken in reach(shelf, as_of):
        if receipt is None:
            here = location in (None, site)
            yield as_of, supply if here else 0, taken if here else 0, None
        elif supply and location in (None, receipt.location):
            yield max(receipt.due, as_of), supply, taken, receipt


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
        yield at, max(supply, left), max(supply, left) - left, receipt


def _flows(
    book: Book,
    sku: Sku,
    location: Location | None,
    policy: AllocationPolicy,
    rules: SupplyRules,
) -> Iterator[_Flow]:
    """Let each open line need what it gets when it was requested, not when it can be had."""
    shared = _shared(book, sku, policy)
    for at, supply, receipt in _supply(shared, sku, location):
        yield at, supply, 0, receipt
    for row, where, units, receipt in _takings(shared, sku):
        needed = rules.needed_at(shared.lines.lines[row], as_of=book.as_of)
        if needed is not None and location in (None, where):
            there = book.as_of if receipt is None else max(receipt.due, book.as_of)
            yield max(needed, there), 0, units, None


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
