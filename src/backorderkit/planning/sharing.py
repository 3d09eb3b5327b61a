"""Walks the supply of each SKU in time and lets the policy share each event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

import attrs

from backorderkit.model.ids import Location, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.book import Book
from backorderkit.planning.placing import Places, place_in_order
from backorderkit.policies.protocol import AllocationPolicy
from backorderkit.policies.queue import Queue
from backorderkit.policies.verify import verified_shares

Tick = Callable[[int, int], object]
"""Told, now and then, how many SKUs of how many are done."""

_SKUS_PER_TICK = 500

Pool = tuple[Location, int]
"""A location and its balance beyond the safety stock."""

Grant = tuple[ScheduledReceipt, int]
"""What a line will get of a receipt."""


@attrs.frozen(kw_only=True)
class Decisions:
    """
    What a run decided, by row of the line in its book.

    Attributes:
        granted: How much each line gets of the stock on hand now.
        places: Where from, for lines of SKUs with stock at several locations.
        sites: Where from, for the other SKUs.
        promised: What lines will get of which receipts, in the order of these.
        refilled: How much of the coming receipts fills safety stock, and where.
    """

    granted: list[int]
    places: dict[int, Places] = attrs.field(factory=dict)
    sites: dict[Sku, Location] = attrs.field(factory=dict)
    promised: dict[int, list[Grant]] = attrs.field(factory=dict)
    refilled: dict[Sku, dict[Location, int]] = attrs.field(factory=dict)


def share_out(
    snapshot: Snapshot, book: Book, policy: AllocationPolicy, tick: Tick | None = None
) -> Decisions:
    """
    Decide for every SKU of a book who gets what, now and from which receipt.

    Raises:
        PolicyViolationError: if the policy breaks a clause.
    """
    run = _Run(book, policy)
    pools = pools_by_sku(snapshot)
    receipts = dict[Sku, list[ScheduledReceipt]]()
    # By original due date, then id: the receipts of a snapshot are sorted by id.
    for receipt in sorted(snapshot.receipts, key=attrgetter("due")):
        receipts.setdefault(receipt.sku, []).append(receipt)
    for done, sku in enumerate(sorted(book.buckets)):
        if tick is not None and done % _SKUS_PER_TICK == 0:
            tick(done, len(book.buckets))
        run.share_sku(sku, pools.get(sku, ()), receipts.get(sku, ()))
    if tick is not None:
        tick(len(book.buckets), len(book.buckets))
    return run.decisions


class _Run:
    """The state of one run: what each line still wants."""

    def __init__(self, book: Book, policy: AllocationPolicy) -> None:
        self.book = book
        self.policy = policy
        self.wants = book.wants.copy()
        self.decisions = Decisions(granted=[0] * len(book.lines))

    def share_sku(
        self, sku: Sku, pools: Iterable[Pool], receipts: Sequence[ScheduledReceipt]
    ) -> None:
        rows = self.book.buckets[sku]
        if self.book.allocations:
            rows = [row for row in rows if self.wants[row]]
        supply = dict[Location, int]()
        missing = dict[Location, int]()
        for location, balance in pools:
            if balance > 0:
                supply[location] = balance
            elif balance < 0:
                missing[location] = -balance
        if supply and rows:
            self._share_stock(sku, rows, supply)
        for receipt in receipts:
            refill = min(receipt.quantity, missing.get(receipt.location, 0))
            if refill:
                missing[receipt.location] -= refill
                refilled = self.decisions.refilled.setdefault(sku, {})
                refilled[receipt.location] = refilled.get(receipt.location, 0) + refill
            rows = [row for row in rows if self.wants[row]]
            if rows and receipt.quantity > refill:
                self._share_receipt(sku, rows, receipt, receipt.quantity - refill)

    def _share_stock(self, sku: Sku, rows: list[int], supply: dict[Location, int]) -> None:
        rows = self._eligible(sku, rows, supply)
        if not rows:
            return
        queue = self._queue(rows)
        if len(supply) == 1:
            ((site, quantity),) = supply.items()
            self.decisions.sites[sku] = site
            shares = verified_shares(self.policy, quantity, queue)
        else:
            shares = share_across(self.policy, queue, supply)
            placed = place_in_order(queue, shares, supply)
            self.decisions.places.update(zip(rows, placed, strict=True))
        granted, wants = self.decisions.granted, self.wants
        for row, share in zip(rows, shares, strict=True):
            if share:
                granted[row] = share
                wants[row] -= share

    def _share_receipt(
        self, sku: Sku, rows: list[int], receipt: ScheduledReceipt, quantity: int
    ) -> None:
        rows = self._eligible(sku, rows, (receipt.location,))
        if not rows:
            return
        shares = verified_shares(self.policy, quantity, self._queue(rows))
        promised = self.decisions.promised
        for row, share in zip(rows, shares, strict=True):
            if share:
                promised.setdefault(row, []).append((receipt, share))
                self.wants[row] -= share

    def _eligible(self, sku: Sku, rows: list[int], locations: Iterable[Location]) -> list[int]:
        if sku not in self.book.bound:
            return rows
        lines = self.book.lines
        usable = {None, *locations}
        return [row for row in rows if lines[row].location in usable]

    def _queue(self, rows: list[int]) -> Queue:
        wants = self.wants
        now = tuple([wants[row] for row in rows])
        return Queue(self.book.owners, self.book.lines, rows, wants=now, limits=now)


def share_across(
    policy: AllocationPolicy, demands: Queue, supply: dict[Location, int]
) -> Sequence[int]:
    """
    Share what arrives at several locations at once among bound and free lines.

    First each location alone among the lines bound to it; then everything among
    all, where a bound line may get at most what the first call gave it.  If all
    lines are free, or all bound, one of the two steps says it all.
    """
    at = dict[Location, list[int]]()
    free = 0
    for place, line in enumerate(demands.lines):
        if line.location is None:
            free += 1
        else:
            at.setdefault(line.location, []).append(place)
    if not at:
        return verified_shares(policy, sum(supply.values()), demands)
    caps = list(demands.limits)
    for location in sorted(at):
        places = at[location]
        shares = verified_shares(policy, supply[location], demands.take(places))
        for place, share in zip(places, shares, strict=True):
            caps[place] = share
    if not free:
        return caps
    served = [place for place, cap in enumerate(caps) if cap]
    capped = demands.capped([caps[place] for place in served], served)
    answer = [0] * len(caps)
    shares = verified_shares(policy, sum(supply.values()), capped)
    for place, share in zip(served, shares, strict=True):
        answer[place] = share
    return answer


def pools_by_sku(snapshot: Snapshot) -> dict[Sku, list[Pool]]:
    """
    Give each SKU's pools, sorted by location, with what planning may give away.

    A pool that lacks some of its safety stock has a negative balance here, for
    the receipts to fill; everywhere else numbers are never signed.
    """
    allocated = snapshot.allocated_by_pool
    pools = dict[Sku, list[Pool]]()
    for level in snapshot.stock:
        balance = level.on_hand - level.safety_stock
        if allocated:
            balance -= allocated.get((level.sku, level.location), 0)
        pools.setdefault(level.sku, []).append((level.location, balance))
    return pools
