"""Walks the supply of each SKU in time and lets the policy share each event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import sub
from types import MappingProxyType

from backorderkit.model.ids import Location, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.across import share_across
from backorderkit.planning.by_rules import RuleRun
from backorderkit.planning.decisions import Decisions
from backorderkit.planning.keeping import Keeper, keeper_of
from backorderkit.planning.lines_by_rules import RuledLines
from backorderkit.planning.open_lines import OpenLines
from backorderkit.planning.placing import Placer
from backorderkit.planning.supply import refills, supply_of
from backorderkit.planning.together import TogetherRun
from backorderkit.planning.told import told_parts
from backorderkit.planning.unsplit import Unsplit, is_at_several
from backorderkit.policies.keeping import KeepPromises
from backorderkit.policies.placing import Placing
from backorderkit.policies.protocol import AllocationPolicy
from backorderkit.policies.queue import Queue
from backorderkit.policies.ranked import Priority, Ranking, serves_in_order
from backorderkit.policies.sourcing import IN_LOCATION_ORDER
from backorderkit.policies.verify import verified_shares

Tick = Callable[[int, int], object]
"""Told, now and then, how many SKUs of how many are done."""

_SKUS_PER_TICK = 500


def share_out(
    snapshot: Snapshot,
    lines: OpenLines,
    policy: AllocationPolicy,
    tick: Tick | None = None,
    *,
    ruled: RuledLines | None = None,
    placing: Placing = IN_LOCATION_ORDER,
) -> Decisions:
    """
    Decide for every SKU with open lines who gets what, now and from which receipt.

    Args:
        snapshot: Whose supply is shared.
        lines: Its open lines.
        policy: Who gets scarce supply.
        tick: Told how far it is.
        ruled: What rules say of the lines, if the policy is one of rules.
        placing: Says where the units of each line come from.

    Raises:
        PolicyViolationError: if the policy or the placing breaks a clause.
    """
    run = _Run(snapshot, lines, policy, ruled, Placer(placing, lines))
    total = len(lines.spans)
    for done, (sku, span) in enumerate(lines.spans.items()):
        if tick is not None and done % _SKUS_PER_TICK == 0:
            tick(done, total)
        run.share_sku(sku, span)
    if ruled is not None and ruled.rules.together is not None:
        TogetherRun(ruled=ruled, together=ruled.rules.together, runs=run.runs).decide()
    if tick is not None:
        tick(total, total)
    return run.decisions


class _Run:
    """The state of one run: what each line still wants."""

    def __init__(
        self,
        snapshot: Snapshot,
        lines: OpenLines,
        policy: AllocationPolicy,
        ruled: RuledLines | None,
        placer: Placer,
    ) -> None:
        self.ruled = ruled
        self.runs: list[RuleRun] = []
        self.as_of = snapshot.as_of
        self.lines = lines
        self.placer = placer
        self.supply = supply = supply_of(snapshot)
        self.mode = policy if isinstance(policy, KeepPromises) else None
        self.told = told = told_parts(snapshot, lines) if self.mode else {}
        mode = self.mode or (ruled.rules if ruled else None)
        self.policy = policy = mode.within if mode else policy
        self.in_order = serves_in_order(policy)
        self.ranking = policy if isinstance(policy, Ranking) and self.in_order else None
        # What each line stands for, along the queue; an order of service alone never asks.
        # A priority is the order's; only an own key may look at what a line stands for.
        by_own_key = self.ranking is not None and type(self.ranking) is not Priority
        asks = by_own_key or not self.in_order or lines.bound or supply.spread or told or ruled
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
            ship_terms=ruled,
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
        if self.ruled is not None and self.ruled.concerns(sku):
            self.decisions.filled.append(0)
            self._by_rules(self.ruled, sku, start, end, [slot - start for slot in slots])
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

    def _by_rules(
        self, ruled: RuledLines, sku: Sku, start: int, end: int, order: Sequence[int]
    ) -> None:
        """Let rules decide about a SKU."""
        buffers = self._buffers(ruled, sku)
        supply, missing = self._balances(sku, buffers)
        coming = list[tuple[ScheduledReceipt, int]]()
        for place, quantity in self._arrivals(sku, missing) if sku in self.supply.last else ():
            receipt = self.supply.receipts[place]
            kept = ruled.withheld_of(receipt, quantity)
            if kept:
                _add_at(self.decisions.buffered_later, sku, receipt.location, kept)
            if quantity > kept:
                coming.append((receipt, quantity - kept))
        rows, wants = self.lines.queue[start:end], self.lines.wanted[start:end]
        run = RuleRun(
            ruled=ruled,
            decisions=self.decisions,
            sku=sku,
            start=start,
            lines=self._queue(rows, self.claimed[start:end], wants),
            pools=supply,
            coming=coming,
            placer=self.placer,
            order=order,
        )
        if ruled.rules.together is None:
            run.decide()
        else:
            self.runs.append(run)

    def _buffers(self, ruled: RuledLines, sku: Sku) -> dict[Location, int]:
        """Say how much of each pool buffers withhold, and note it."""
        found = {
            level.location: units
            for level in self.supply.levels_of(sku)
            if (units := ruled.withheld(level))
        }
        if found:
            self.decisions.buffered[sku] = found
        return found

    def _balances(
        self, sku: Sku, buffers: Mapping[Location, int] = MappingProxyType({})
    ) -> tuple[dict[Location, int], dict[Location, int]]:
        """Say what there is to share at each location, and what is missing elsewhere."""
        supply = dict[Location, int]()
        missing = dict[Location, int]()
        for location, there in self.supply.pools_of(sku, self.lines):
            balance = there - buffers.get(location, 0)
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
        self, sku: Sku, stock: Mapping[Location, int], coming: Sequence[tuple[int, int]]
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
            queue=self.lines.rows_of(sku),
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
        if keeper:
            shares = keeper.share_stock(supply, queue)
        elif len(supply) == 1:
            shares = verified_shares(self.policy, next(iter(supply.values())), queue)
        else:
            shares = share_across(self.policy, queue, supply)
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
        if keeper:
            keeper.arrive(receipt)
        slots = self._eligible(sku, open_, (location,))
        if not slots:
            return
        queue = self._queue(*open_.at(slots))
        if keeper:
            shares = keeper.share_receipt(receipt, quantity, queue)
        else:
            shares = verified_shares(self.policy, quantity, queue)
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
