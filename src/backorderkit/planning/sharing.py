"""Walks the supply of each SKU in time and lets the policy share each event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from operator import sub

import attrs

from backorderkit.model.ids import Location, ReceiptId, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.across import share_across
from backorderkit.planning.keeping import Keeper, keeper_of
from backorderkit.planning.open_lines import OpenLines
from backorderkit.planning.placing import Placer, Places, together
from backorderkit.planning.shipping import Shipper
from backorderkit.planning.supply import Supply, refills, supply_of
from backorderkit.planning.told import told_parts
from backorderkit.planning.unsplit import Unsplit, is_at_several
from backorderkit.policies.keeping import KeepPromises
from backorderkit.policies.placing import Placing
from backorderkit.policies.protocol import AllocationPolicy
from backorderkit.policies.queue import Queue
from backorderkit.policies.ranked import Priority, Ranking, serves_in_order
from backorderkit.policies.shipping import Shipping
from backorderkit.policies.sourcing import IN_LOCATION_ORDER
from backorderkit.policies.verify import verified_shares

Tick = Callable[[int, int], object]
"""Told, now and then, how many SKUs of how many are done."""

_SKUS_PER_TICK = 500

Grant = tuple[ScheduledReceipt, int]
"""What a line will get of a receipt."""


@attrs.frozen(kw_only=True)
class Pledges:
    """
    What lines will get of receipts, as columns.

    Attributes:
        rows: Of the lines.
        receipts: Their places in the supply.
        quantities: How much.
    """

    rows: list[int] = attrs.field(factory=list)
    receipts: list[int] = attrs.field(factory=list)
    quantities: list[int] = attrs.field(factory=list)

    def add(self, row: int, receipt: int, quantity: int) -> None:
        """Note what one line will get of one receipt."""
        self.rows.append(row)
        self.receipts.append(receipt)
        self.quantities.append(quantity)


@attrs.frozen(kw_only=True, slots=False, eq=False)
class Decisions:
    """
    What a run decided.

    A policy that serves in an order decides by its order alone: how far the
    supply of a SKU reaches.  Such spans are walked when somebody asks who got
    what; what other policies answered is held line by line.

    Attributes:
        lines: Between which lines it decided.
        supply: What it shared.
        served: The rows of each span in the order of service.
        shares: What the policy, where it was asked, gave of the stock on hand to
            each line, along the queue.
        covered: How much of each receipt goes on filling the spans where it was not.
        filled: How far the stock on hand fills each span; 0 where it was asked.
        pledges: What it gave of receipts, where it was asked.
        places: Where from, for lines of SKUs with stock at several locations.
        refilled: How much of the coming receipts fills what holds and safety stock lack,
            and where.
        held_back: How much of them a policy leaves over while lines wait, and where; by
            ship rules, how much is left of all supply in the end.
        shipping: By which ship rules it decided, if by any.
        sources: Where units come from that a line is promised, by the row and the place
            of the receipt, if not all come with that.
        stands: At which location free lines stand that are not split.
        denied: What such lines were denied, since other locations had it.
    """

    lines: OpenLines
    supply: Supply
    served: list[int]
    shares: list[int]
    covered: list[int]
    filled: list[int] = attrs.field(factory=list)
    pledges: Pledges = attrs.field(factory=Pledges)
    places: dict[int, Places] = attrs.field(factory=dict)
    refilled: dict[Sku, dict[Location, int]] = attrs.field(factory=dict)
    held_back: dict[Sku, dict[Location, int]] = attrs.field(factory=dict)
    shipping: Shipping | None = None
    sources: dict[tuple[int, ReceiptId], Places] = attrs.field(factory=dict)
    stands: dict[int, Location] = attrs.field(factory=dict)
    denied: dict[int, int] = attrs.field(factory=dict)

    @cached_property
    def granted(self) -> list[int]:
        """How much each line gets of the stock on hand now, by row."""
        wants, served, starts = self.lines.wants, self.served, self.lines.starts
        granted = [0] * len(wants)
        for row, share in zip(self.lines.queue, self.shares, strict=True):
            if share:
                granted[row] = share
        for span, filled in enumerate(self.filled):
            if not filled:
                continue
            left = filled
            for row in served[starts[span] : starts[span + 1]]:
                want = wants[row]
                if want >= left:
                    granted[row] = left
                    break
                granted[row] = want
                left -= want
        return granted

    @cached_property
    def promised(self) -> dict[int, list[Grant]]:
        """What lines will get of which receipts, in the order of these."""
        receipts = self.supply.receipts
        promised = dict[int, list[Grant]]()
        pledges = self.pledges
        for row, place, quantity in zip(
            pledges.rows, pledges.receipts, pledges.quantities, strict=True
        ):
            promised.setdefault(row, []).append((receipts[place], quantity))
        for sku in self.supply.last if any(self.covered) else ():
            span = self.lines.spans.get(sku)
            if span is not None:
                self._walk_receipts(sku, span, promised)
        return promised

    def _walk_receipts(self, sku: Sku, span: int, promised: dict[int, list[Grant]]) -> None:
        coming = [
            (place, quantity)
            for place in self.supply.receipts_of(sku)
            if (quantity := self.covered[place])
        ]
        if not coming:
            return
        coming.reverse()
        place, left = coming.pop()
        receipt = self.supply.receipts[place]
        granted, wants, starts = self.granted, self.lines.wants, self.lines.starts
        for row in self.served[starts[span] : starts[span + 1]]:
            want = wants[row] - granted[row]
            while want:
                quantity = min(want, left)
                promised.setdefault(row, []).append((receipt, quantity))
                want -= quantity
                left -= quantity
                if not left:
                    if not coming:
                        return
                    place, left = coming.pop()
                    receipt = self.supply.receipts[place]

    def are_as(self, other: Decisions) -> bool:
        """Compare what was decided, not how it is held."""
        return (self.granted, self.promised, self.places, self.refilled, self.held_back) == (
            other.granted,
            other.promised,
            other.places,
            other.refilled,
            other.held_back,
        )


def share_out(
    snapshot: Snapshot,
    lines: OpenLines,
    policy: AllocationPolicy,
    tick: Tick | None = None,
    *,
    placing: Placing = IN_LOCATION_ORDER,
) -> Decisions:
    """
    Decide for every SKU with open lines who gets what, now and from which receipt.

    Raises:
        PolicyViolationError: if the policy or the placing breaks a clause.
    """
    run = _Run(snapshot, lines, policy, Placer(placing, lines))
    total = len(lines.spans)
    for done, (sku, span) in enumerate(lines.spans.items()):
        if tick is not None and done % _SKUS_PER_TICK == 0:
            tick(done, total)
        run.share_sku(sku, span)
    if tick is not None:
        tick(total, total)
    return run.decisions


class _Run:
    """The state of one run: what each line still wants."""

    def __init__(
        self, snapshot: Snapshot, lines: OpenLines, policy: AllocationPolicy, placer: Placer
    ) -> None:
        self.as_of = snapshot.as_of
        self.lines = lines
        self.placer = placer
        self.supply = supply = supply_of(snapshot)
        self.mode = policy if isinstance(policy, KeepPromises) else None
        self.told = told = told_parts(snapshot, lines) if self.mode else {}
        self.shipping = policy if isinstance(policy, Shipping) else None
        mode = self.mode or self.shipping
        self.policy = policy = mode.within if mode else policy
        self.in_order = serves_in_order(policy)
        self.ranking = policy if isinstance(policy, Ranking) and self.in_order else None
        # What each line stands for, along the queue; an order of service alone never asks.
        # A priority is the order's; only an own key may look at what a line stands for.
        by_own_key = self.ranking is not None and type(self.ranking) is not Priority
        asks = by_own_key or not self.in_order or lines.bound or supply.spread or told
        self.claimed = list(map(lines.claims.__getitem__, lines.queue)) if asks else []
        self.everything = self._queue(lines.queue, self.claimed, lines.wanted)
        # Half of a ranking is its order, and the planner only needs that half.
        self.keys = self.ranking._keys(self.everything) if self.ranking else ()  # noqa: SLF001
        self.decisions = Decisions(
            lines=lines,
            supply=supply,
            served=[] if self.ranking else lines.queue,
            shares=[0] * len(lines.queue),
            covered=[0] * len(supply.receipts),
            shipping=self.shipping,
        )

    def share_sku(self, sku: Sku, span: int) -> None:
        """Share the supply of one SKU among its lines."""
        lines = self.lines
        start, end = lines.starts[span], lines.starts[span + 1]
        slots: Sequence[int] = range(start, end)
        if self.ranking is not None:
            if len(slots) > 1:
                slots = self.ranking._in_order(self.everything, self.keys, slots)  # noqa: SLF001
            self.decisions.served.extend(map(lines.queue.__getitem__, slots))
        if self.placer.unsplit and is_at_several(self.supply, sku):
            self.decisions.filled.append(0)
            stock, missing = self._balances(sku)
            coming = list(self._arrivals(sku, missing)) if sku in self.supply.last else []
            Unsplit(self.placer, self.policy, self.decisions, start, slots).share_all(
                sku, stock, coming
            )
            return
        is_told = sku in self.told
        is_plain = sku not in self.supply.spread and sku not in lines.bound
        if self.shipping is not None and not self._is_enough(sku, start, end):
            self.decisions.filled.append(0)
            self._ship(self.shipping, sku, start, slots)
            return
        if self.in_order and is_plain and not is_told:
            self.decisions.filled.append(self._fill(sku, lines.sums[end] - lines.sums[start]))
            return
        self.decisions.filled.append(0)
        supply = self.supply
        if sku in supply.last or not is_plain or sku in lines.held or is_told:
            self._ask(sku, start, end)
        elif sku in supply.levels:
            level = supply.stock[supply.levels[sku]]
            self._ask_once(start, end, supply.balance_of(level))

    def _is_enough(self, sku: Sku, start: int, end: int) -> bool:
        """Say whether the stock is enough for all, so that no ship rule matters."""
        is_plain = sku not in self.supply.spread and sku not in self.lines.bound
        if not (is_plain and self.in_order and sku in self.supply.levels):
            return False
        ((_, balance),) = self.supply.pools_of(sku, self.lines)
        return balance >= self.lines.sums[end] - self.lines.sums[start]

    def _ship(self, shipping: Shipping, sku: Sku, start: int, order: Sequence[int]) -> None:
        """Share each supply event of a SKU, and what is left of the ones before, by ship rules."""
        supply, missing = self._balances(sku)
        end = start + len(order)
        rows, wants = self.lines.queue[start:end], self.lines.wanted[start:end]
        claims = [self.lines.claims[row] for row in rows]
        lines = self._queue(rows, claims, wants)
        shipper = Shipper(shipping, lines, [slot - start for slot in order], supply, self.placer)
        spread = sku in self.supply.spread
        for slot, units, places in shipper.share():
            self.decisions.shares[start + slot] += units
            if spread:
                at = self.decisions.places
                at[rows[slot]] = together(at.get(rows[slot], ()), places)
        for place, quantity in self._arrivals(sku, missing) if sku in self.supply.last else ():
            receipt = self.supply.receipts[place]
            shipper.add(receipt.location, quantity)
            given = dict[int, Places]()
            for slot, _, places in shipper.share():
                given[slot] = together(given.get(slot, ()), places)
            for slot, places in given.items():
                self.decisions.pledges.add(rows[slot], place, sum(units for _, units in places))
                if places[0][0] != receipt.location or len(places) > 1:
                    self.decisions.sources[rows[slot], receipt.id] = places
        self.decisions.held_back[sku] = {at: left for at, left in shipper.pools.items() if left}

    def _balances(self, sku: Sku) -> tuple[dict[Location, int], dict[Location, int]]:
        """Say what there is to share at each location, and what is missing elsewhere."""
        supply = dict[Location, int]()
        missing = dict[Location, int]()
        for location, balance in self.supply.pools_of(sku, self.lines):
            if balance > 0:
                supply[location] = balance
            elif balance < 0:
                missing[location] = -balance
        return supply, missing

    def _fill(self, sku: Sku, wanted: int) -> int:
        """Say how far the supply reaches that a policy hands out line by line in its order."""
        supply, lack, filled, site = self.supply, 0, 0, None
        place = supply.levels.get(sku)
        if place is not None:
            level = supply.stock[place]
            balance = supply.balance_of(level) - self.lines.held.get(sku, 0)
            if balance >= 0:
                filled = min(balance, wanted)
            else:
                lack, site = -balance, level.location
        if sku in supply.last:
            wanted -= filled
            if site is not None:
                missing = {site: lack}
                for place, quantity in self._arrivals(sku, missing):
                    self.decisions.covered[place] = covered = min(quantity, wanted)
                    wanted -= covered
            else:
                for place in supply.receipts_of(sku) if wanted else ():
                    quantity = supply.receipts[place].quantity
                    if quantity >= wanted:
                        self.decisions.covered[place] = wanted
                        break
                    self.decisions.covered[place] = quantity
                    wanted -= quantity
        return filled

    def _arrivals(self, sku: Sku, missing: dict[Location, int]) -> Iterator[tuple[int, int]]:
        """Give a SKU's receipts with what is left of each when what is missing is refilled."""
        places = self.supply.receipts_of(sku)
        arriving = map(self.supply.receipts.__getitem__, places)
        for place, (receipt, refill) in zip(places, refills(arriving, missing), strict=True):
            if refill:
                _add_at(self.decisions.refilled, sku, receipt.location, refill)
            if receipt.quantity > refill:
                yield place, receipt.quantity - refill

    def _ask_once(self, start: int, end: int, quantity: int) -> None:
        """Let the policy share the only supply there is, at one place, among all lines."""
        if quantity > 0:
            rows, wants = self.lines.queue[start:end], tuple(self.lines.wanted[start:end])
            queue = self._queue(rows, self.claimed[start:end], wants)
            self.decisions.shares[start:end] = verified_shares(self.policy, quantity, queue)

    def _ask(self, sku: Sku, start: int, end: int) -> None:
        """Let the policy share each supply event of a SKU."""
        lines = self.lines
        open_ = _Open(lines.queue[start:end], self.claimed[start:end], lines.wanted[start:end])
        supply, missing = self._balances(sku)
        coming = list(self._arrivals(sku, missing)) if sku in self.supply.last else []
        keeper = self._keeper(sku, supply, coming)
        if supply:
            self._share_stock(sku, start, open_, supply, keeper)
        for place, quantity in coming:
            self._share_receipt(sku, open_, place, quantity, keeper)

    def _keeper(
        self, sku: Sku, stock: Iterable[Location], coming: Sequence[tuple[int, int]]
    ) -> Keeper | None:
        """Say who looks after the promises that were told of a SKU, if any were."""
        told = self.told.get(sku)
        if told is None or self.mode is None:
            return None
        lines, receipts = self.lines.lines, self.supply.receipts
        bound: set[Location | None] = {None}
        if sku in self.lines.bound:
            bound = {lines[row].location for row in self.lines.rows_of(sku)}
        return keeper_of(
            self.mode,
            self.as_of,
            parts=[(part, lines[part.row].location) for part in told],
            bound=bound,
            stock=stock,
            coming=[(receipts[place], quantity) for place, quantity in coming],
        )

    def _share_stock(
        self,
        sku: Sku,
        start: int,
        open_: _Open,
        supply: dict[Location, int],
        keeper: Keeper | None,
    ) -> None:
        slots = self._eligible(sku, open_, supply)
        if not slots:
            return
        queue = self._queue(*open_.at(slots))
        kept = keeper.stock() if keeper else None
        policy = kept or self.policy
        if len(supply) == 1:
            shares = verified_shares(policy, next(iter(supply.values())), queue)
        else:
            shares = share_across(policy, queue, supply)
        if kept:
            kept.took(queue.rows, shares)
        if sku in self.supply.spread:
            placed = self.placer.place(queue, shares, supply)
            self.decisions.places.update(zip(open_.at(slots)[0], placed, strict=True))
        if len(slots) == len(open_.rows):
            self.decisions.shares[start : start + len(shares)] = shares
        else:
            for slot, share in zip(slots, shares, strict=True):
                self.decisions.shares[start + slot] = share
        open_.give(slots, shares)

    def _share_receipt(
        self, sku: Sku, open_: _Open, place: int, quantity: int, keeper: Keeper | None
    ) -> None:
        receipt = self.supply.receipts[place]
        location = receipt.location
        kept = keeper.receipt(receipt) if keeper else None
        slots = self._eligible(sku, open_, (location,))
        if not slots:
            return
        queue = self._queue(*open_.at(slots))
        shares = verified_shares(kept or self.policy, quantity, queue)
        if kept:
            kept.took(queue.rows, shares)
        left = min(quantity, sum(queue.limits)) - sum(shares)
        if left:
            _add_at(self.decisions.held_back, sku, location, left)
        for slot, share in zip(slots, shares, strict=True):
            if share:
                self.decisions.pledges.add(open_.rows[slot], place, share)
        open_.give(slots, shares)

    def _eligible(self, sku: Sku, open_: _Open, locations: Iterable[Location]) -> Sequence[int]:
        slots = open_.waiting()
        if sku not in self.lines.bound:
            return slots
        lines, rows = self.lines.lines, open_.rows
        usable = {None, *locations}
        return [slot for slot in slots if lines[rows[slot]].location in usable]

    def _queue(self, rows: Sequence[int], claims: Sequence[int], wants: Sequence[int]) -> Queue:
        lines = self.lines
        return Queue(lines.owners, lines.lines, rows, claims=claims, wants=wants, limits=wants)


class _Open:
    """The lines of one SKU, and what each still wants as the events go by."""

    __slots__ = ("_claims", "_slots", "_wants", "rows")

    def __init__(self, rows: list[int], claims: list[int], wants: list[int]) -> None:
        self.rows = rows
        self._claims = claims
        self._wants = wants
        self._slots: Sequence[int] = range(len(rows))

    def waiting(self) -> Sequence[int]:
        """Give the slots of those that still want something."""
        wants = self._wants
        if len(self._slots) < len(wants) or 0 in wants:
            self._slots = [slot for slot in self._slots if wants[slot]]
        return self._slots

    def at(self, slots: Sequence[int]) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
        """Give the rows, the claims and the wants at some slots."""
        columns = self.rows, self._claims, tuple(self._wants)
        if len(slots) == len(self.rows):
            return columns
        rows, claims, wants = ([column[slot] for slot in slots] for column in columns)
        return rows, claims, tuple(wants)

    def give(self, slots: Sequence[int], shares: Sequence[int]) -> None:
        """Take what was given from what is wanted."""
        wants = self._wants
        if len(slots) == len(wants):
            self._wants = list(map(sub, wants, shares))
        else:
            for slot, share in zip(slots, shares, strict=True):
                wants[slot] -= share


def _add_at(
    sums: dict[Sku, dict[Location, int]], sku: Sku, location: Location, quantity: int
) -> None:
    at = sums.setdefault(sku, {})
    at[location] = at.get(location, 0) + quantity
