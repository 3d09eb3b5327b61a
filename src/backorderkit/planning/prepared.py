"""Plans of a prepared book: decided SKU by SKU from sums, walked where something is news."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property

import attrs

from backorderkit.changes import Change
from backorderkit.model.ids import Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.book import Book
from backorderkit.planning.decisions import Decisions, Grant
from backorderkit.planning.diff import changes_of, closed, sort_changes, tell
from backorderkit.planning.lanes import Block, Lane
from backorderkit.planning.lines import promises_for
from backorderkit.planning.lines_by_rules import RuledLines
from backorderkit.planning.open_lines import OpenLines, open_lines
from backorderkit.planning.sharing import Tick, share_out
from backorderkit.planning.shelf import Shelf
from backorderkit.planning.supply import refills
from backorderkit.planning.unchecked import allocated
from backorderkit.policies.placing import Placing, may_split
from backorderkit.policies.protocol import AllocationPolicy, policy_name
from backorderkit.policies.ranked import Fifo, Priority, serves_in_order
from backorderkit.policies.rules import as_rules
from backorderkit.policies.sourcing import IN_LOCATION_ORDER


@attrs.frozen
class Shared:
    """
    A run over all open lines of a snapshot, or of some SKUs.

    Attributes:
        snapshot: What was shared.
        lines: Its open lines.
        decisions: Who gets what.
        skus: Whose lines these are, if not all.
        is_part: Whether the snapshot holds nothing but what concerns these SKUs.
        ruled: What rules say of the lines, if they decided.
    """

    snapshot: Snapshot
    lines: OpenLines
    decisions: Decisions
    skus: frozenset[Sku] | None
    is_part: bool
    ruled: RuledLines | None = None

    @property
    def shared(self) -> Shared:
        """Itself; a prepared run makes such a one when it is asked for it."""
        return self

    @property
    def changes(self) -> list[Change]:
        """What changes, sorted by order and line."""
        return changes_of(
            self.snapshot,
            self.lines,
            self.decisions,
            self.skus,
            is_part=self.is_part,
            taken=self.ruled.taken_back if self.ruled else None,
        )

    @property
    def rest(self) -> Snapshot:
        """The snapshot without what rules took back."""
        return self.ruled.rest if self.ruled else self.snapshot


def share(
    snapshot: Snapshot,
    policy: AllocationPolicy,
    skus: frozenset[Sku] | None,
    tick: Tick | None = None,
    *,
    is_part: bool,
    placing: Placing = IN_LOCATION_ORDER,
) -> Shared:
    """Share the supply of a snapshot among its open lines."""
    lines = open_lines(snapshot, skus)
    rules = as_rules(policy)
    if rules is None:
        decisions = share_out(snapshot, lines, policy, tick, placing=placing)
        return Shared(snapshot, lines, decisions, skus, is_part)
    ruled = RuledLines(rules, policy_name(policy), snapshot, lines)
    decisions = share_out(snapshot, ruled.lines, policy, tick, ruled=ruled, placing=placing)
    return Shared(snapshot, ruled.lines, decisions, skus, is_part, ruled)


@attrs.frozen(slots=False, eq=False)
class Prepared:
    """
    A run over a prepared book, for a policy that serves in an order.

    How far the supply of a SKU reaches follows from sums, which its lane keeps.
    So each SKU is decided at once; its lines are walked when somebody asks for
    changes, and then only as far as they get something or have news.  Where lines
    or units are bound to locations, the lines are shared one by one.

    Attributes:
        book: What is planned.
        policy: Who is served first.
        skus: Whose lines are planned, if not all.
        filled: How much of the stock on hand lines get, where it is something.
        covered: How much of which receipts, where it is something.
        bound: The run over the SKUs with bound lines, or several pools.
        placing: Where the units of these come from.
    """

    book: Book
    policy: AllocationPolicy
    skus: frozenset[Sku] | None
    filled: dict[Sku, int]
    covered: dict[Sku, tuple[Grant, ...]]
    bound: Shared | None
    placing: Placing

    @cached_property
    def shared(self) -> Shared:
        """The same run as columns of all lines, which reasons need.  O(lines)."""
        return share_part(self.book, self.policy, self.skus, placing=self.placing)

    @property
    def changes(self) -> list[Change]:
        """What changes, sorted by order and line."""
        changes = [] if self.bound is None else self.bound.changes
        for sku, shelf in self.book._shelves_of(self.skus):  # noqa: SLF001 - it is ours
            if shelf.is_plain:
                changes += self._changes_of(sku, shelf)
                changes += map(closed, shelf.strays)
        if self.skus is None:
            changes += map(closed, self.book._all_strays())  # noqa: SLF001 - as above
        sort_changes(changes)
        return changes

    def _changes_of(self, sku: Sku, shelf: Shelf) -> list[Change]:
        changes: list[Change] = []
        add = changes.append
        as_of = self.book.as_of
        left = self.filled.get(sku, 0)
        coming = _Coming(self.covered.get(sku, ()))
        for block in self._served(shelf.lane) if left or coming.grants else shelf.lane.blocks:
            if not (block.unsettled or (block.wanted and (left or coming.grants))):
                continue
            for state in block.states:
                order, line, want = state.order.id, state.line.id, state.want
                granted = min(want, left)
                if granted:
                    left -= granted
                    add(allocated(order, line, shelf.stock[0].location, granted))
                waiting = want - granted
                if waiting or state.backorder:
                    promises = promises_for(as_of, coming.take(waiting)) if coming.grants else ()
                    tell(changes, (order, line), state.backorder, waiting, promises)
        return changes

    def _served(self, lane: Lane) -> Sequence[Block]:
        """Give the lines in the order of service."""
        if isinstance(self.policy, Priority):
            return [Block.of(sorted(lane, key=lambda state: state.order.priority))]
        return lane.blocks


class _Coming:
    """What is left of receipts, the next one last."""

    def __init__(self, grants: Sequence[Grant]) -> None:
        self.grants = list(reversed(grants))

    def take(self, wanted: int) -> list[Grant]:
        """Take up to some units of the next receipts."""
        taken: list[Grant] = []
        while wanted and self.grants:
            receipt, quantity = self.grants[-1]
            part = min(wanted, quantity)
            taken.append((receipt, part))
            wanted -= part
            if part == quantity:
                self.grants.pop()
            else:
                self.grants[-1] = receipt, quantity - part
        return taken


def share_part(
    book: Book,
    policy: AllocationPolicy,
    skus: frozenset[Sku] | None,
    tick: Tick | None = None,
    *,
    placing: Placing = IN_LOCATION_ORDER,
) -> Shared:
    """Share the supply of a book, or of some of its SKUs, line by line."""
    snapshot = book.snapshot if skus is None else book.part(skus)
    return share(snapshot, policy, skus, tick, is_part=True, placing=placing)


Reached = tuple[ScheduledReceipt | None, int, int]
"""A receipt, or None for stock; how much of it there is to share, and how much lines get."""


def goes_by_sums(policy: AllocationPolicy) -> bool:
    """Tell whether sums say how far supply reaches under a policy."""
    return type(policy) in {Fifo, Priority} and serves_in_order(policy)


def prepare(
    book: Book,
    policy: AllocationPolicy,
    skus: frozenset[Sku] | None,
    placing: Placing = IN_LOCATION_ORDER,
) -> Prepared | None:
    """
    Decide from sums how far the supply of each SKU reaches; None if sums do not say it.

    O(SKUs and their receipts), but for those with bound lines or several pools.
    """
    if not goes_by_sums(policy) or not may_split(placing):
        return None
    filled = dict[Sku, int]()
    covered = dict[Sku, tuple[Grant, ...]]()
    bound: list[Sku] = []
    for sku, shelf in book._shelves_of(skus):  # noqa: SLF001 - it is ours
        if not shelf.is_plain:
            bound.append(sku)
        elif shelf.lane.wanted:
            now, later = _reach(shelf, book.as_of)
            if now:
                filled[sku] = now
            if later:
                covered[sku] = later
    rest = share_part(book, policy, frozenset(bound), placing=placing) if bound else None
    return Prepared(book, policy, skus, filled, covered, rest, placing)


def _reach(shelf: Shelf, as_of: datetime) -> tuple[int, tuple[Grant, ...]]:
    """Say how much of the stock on hand lines get, and how much of which receipts."""
    filled = 0
    covered: list[Grant] = []
    left = shelf.lane.wanted
    for receipt, _, taken in reach(shelf, as_of):
        if receipt is None:
            filled = taken
        elif taken:
            covered.append((receipt, taken))
        left -= taken
        if not left:
            break
    return filled, tuple(covered)


def reach(shelf: Shelf, as_of: datetime) -> Iterator[Reached]:
    """
    Say of all supply of a SKU in turn how much there is to share, and how much lines get.

    For a policy that serves in an order, where nothing is bound to a location.  Stock comes
    first, then the receipts by original due date and id.
    """
    wanted = shelf.lane.wanted
    # What is held lacks where there is nothing.
    missing = shelf.held_at(as_of)
    there = 0
    for level in shelf.stock:
        balance = level.on_hand - level.safety_stock - shelf.lane.held_at(level.location)
        balance -= missing.pop(level.location, 0)
        if balance < 0:
            missing[level.location] = -balance
        there = max(balance, 0)
    taken = min(there, wanted)
    yield None, there, taken
    for receipt, refill in refills(shelf.receipts, missing):
        wanted -= taken
        taken = min(receipt.quantity - refill, wanted)
        yield receipt, receipt.quantity - refill, taken
