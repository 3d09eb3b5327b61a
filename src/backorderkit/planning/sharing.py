"""Walks the supply of each SKU in time and lets the policy share each event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TypeVar

import attrs

from backorderkit.model.ids import Location, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockPosition
from backorderkit.planning.book import Book
from backorderkit.planning.placing import Places, place_in_order
from backorderkit.policies.protocol import AllocationPolicy
from backorderkit.policies.queue import Queue
from backorderkit.policies.verify import verified_shares

Tick = Callable[[int], object]
"""Told, now and then, how many SKUs are done."""

_SKUS_PER_TICK = 500

_Supply = TypeVar("_Supply", StockPosition, ScheduledReceipt)

Grant = tuple[ScheduledReceipt, int]
"""What a line will get of a receipt."""


@attrs.frozen(kw_only=True)
class Decisions:
    """
    What a run decided, by rank of the line in its book.

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
    positions = by_sku(snapshot.positions)
    # By original due date, then id: the receipts of a snapshot are sorted by id.
    receipts = by_sku(sorted(snapshot.receipts, key=attrgetter("due")))
    for done, sku in enumerate(sorted(book.buckets)):
        if tick is not None and done % _SKUS_PER_TICK == 0:
            tick(done)
        run.share_sku(sku, positions.get(sku, ()), receipts.get(sku, ()))
    if tick is not None:
        tick(len(book.buckets))
    return run.decisions


class _Run:
    """The state of one run: what each line got so far and still wants."""

    def __init__(self, book: Book, policy: AllocationPolicy) -> None:
        self.book = book
        self.policy = policy
        self.gots = [line.shipped + held for line, held in zip(book.lines, book.held, strict=True)]
        self.wants = [
            line.ordered - line.cancelled - got
            for line, got in zip(book.lines, self.gots, strict=True)
        ]
        self.decisions = Decisions(granted=[0] * len(book.lines))

    def share_sku(
        self,
        sku: Sku,
        positions: Iterable[StockPosition],
        receipts: Iterable[ScheduledReceipt],
    ) -> None:
        ranks = self.book.buckets[sku]
        if self.book.allocations:
            ranks = [rank for rank in ranks if self.wants[rank]]
        supply = dict[Location, int]()
        missing = dict[Location, int]()
        for position in positions:
            if position.available:
                supply[position.location] = position.available
            elif position.missing:
                missing[position.location] = position.missing
        if supply and ranks:
            self._share_stock(sku, ranks, supply)
        for receipt in receipts:
            refill = min(receipt.quantity, missing.get(receipt.location, 0))
            if refill:
                missing[receipt.location] -= refill
                refilled = self.decisions.refilled.setdefault(sku, {})
                refilled[receipt.location] = refilled.get(receipt.location, 0) + refill
            ranks = [rank for rank in ranks if self.wants[rank]]
            if ranks and receipt.quantity > refill:
                self._share_receipt(sku, ranks, receipt, receipt.quantity - refill)

    def _share_stock(self, sku: Sku, ranks: list[int], supply: dict[Location, int]) -> None:
        ranks = self._eligible(sku, ranks, supply)
        if not ranks:
            return
        queue = self._queue(ranks)
        if len(supply) == 1:
            ((site, quantity),) = supply.items()
            self.decisions.sites[sku] = site
            shares = verified_shares(self.policy, quantity, queue)
        else:
            shares = share_across(self.policy, queue, supply)
            placed = place_in_order(queue, shares, supply)
            self.decisions.places.update(zip(ranks, placed, strict=True))
        granted = self.decisions.granted
        for rank, share in zip(ranks, shares, strict=True):
            granted[rank] = share
        self._note(ranks, shares)

    def _share_receipt(
        self, sku: Sku, ranks: list[int], receipt: ScheduledReceipt, quantity: int
    ) -> None:
        ranks = self._eligible(sku, ranks, (receipt.location,))
        if not ranks:
            return
        shares = verified_shares(self.policy, quantity, self._queue(ranks))
        for rank, share in zip(ranks, shares, strict=True):
            if share:
                self.decisions.promised.setdefault(rank, []).append((receipt, share))
        self._note(ranks, shares)

    def _note(self, ranks: list[int], shares: Sequence[int]) -> None:
        for rank, share in zip(ranks, shares, strict=True):
            self.gots[rank] += share
            self.wants[rank] -= share

    def _eligible(self, sku: Sku, ranks: list[int], locations: Iterable[Location]) -> list[int]:
        if sku not in self.book.bound:
            return ranks
        lines = self.book.lines
        usable = {None, *locations}
        return [rank for rank in ranks if lines[rank].location in usable]

    def _queue(self, ranks: list[int]) -> Queue:
        owners, lines, gots, wants = self.book.owners, self.book.lines, self.gots, self.wants
        return Queue(
            [owners[rank] for rank in ranks],
            [lines[rank] for rank in ranks],
            [gots[rank] for rank in ranks],
            [wants[rank] for rank in ranks],
        )


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
    capped = Queue(demands.orders, demands.lines, demands.gots, caps).take(served)
    answer = [0] * len(caps)
    shares = verified_shares(policy, sum(supply.values()), capped)
    for place, share in zip(served, shares, strict=True):
        answer[place] = share
    return answer


def by_sku(supplies: Iterable[_Supply]) -> dict[Sku, list[_Supply]]:
    """Bucket stock positions or receipts by SKU, keeping their order."""
    found = dict[Sku, list[_Supply]]()
    for supply in supplies:
        found.setdefault(supply.sku, []).append(supply)
    return found
