"""What a run decided: who gets what, now and later, and from where."""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

import attrs

from backorderkit.model.backorders import Promise
from backorderkit.model.ids import Location, ReceiptId, Sku
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.open_lines import OpenLines
from backorderkit.planning.openings import BrokenContract, Opening
from backorderkit.planning.placing import Places
from backorderkit.planning.restricting import Obstacle
from backorderkit.planning.supply import Supply
from backorderkit.policies.shipping import ShipRule

Grant = tuple[ScheduledReceipt | Opening, int]
"""What a line will get of a receipt, or on a later day of what lies there."""


class ShipTerms(Protocol):
    """Which ship rules lines have."""

    @property
    def waits(self) -> bool:
        """Whether the queue waits behind who cannot be served."""
        ...

    def rule(self, row: int, /) -> ShipRule:
        """Give the rule of a line."""
        ...


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
        ship_terms: By which ship rules it decided, if by any.
        sources: Where units come from that a line is promised, by the row and the place
            of the receipt, if not all come with that.
        stands: At which location free lines stand that are not split.
        denied: What such lines were denied, since other locations had it.
        coming: What lines will get later, by row, where rules decided it.
        obstacles: What keeps units from lines that lie there today, and how many, where
            rules say it.
        later_obstacles: The same of what lies there in the end.
        buffered: How much buffers withhold of the stock on hand, and where.
        buffered_later: How much they withhold of receipts.
        unchanged: What was told to the lines of SKUs that stay as they were, by row, since a
            contract would have been broken.
        broken: The contracts that would have been.
        ruled: The SKUs of which rules decided.
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
    ship_terms: ShipTerms | None = None
    sources: dict[tuple[int, ReceiptId], Places] = attrs.field(factory=dict)
    stands: dict[int, Location] = attrs.field(factory=dict)
    denied: dict[int, int] = attrs.field(factory=dict)
    coming: dict[int, list[Grant]] = attrs.field(factory=dict)
    obstacles: dict[int, tuple[Obstacle, int]] = attrs.field(factory=dict)
    later_obstacles: dict[int, tuple[Obstacle, int]] = attrs.field(factory=dict)
    buffered: dict[Sku, dict[Location, int]] = attrs.field(factory=dict)
    buffered_later: dict[Sku, dict[Location, int]] = attrs.field(factory=dict)
    unchanged: dict[int, tuple[Promise, ...]] = attrs.field(factory=dict)
    broken: list[BrokenContract] = attrs.field(factory=list)
    ruled: set[Sku] = attrs.field(factory=set)

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
        promised.update(self.coming)
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

    def is_ruled(self, row: int) -> bool:
        """Say whether rules decided about a line."""
        return self.lines.lines[row].sku in self.ruled

    def are_as(self, other: Decisions) -> bool:
        """Compare what was decided, not how it is held."""
        return (self.granted, self.promised, self.places, self.refilled, self.held_back) == (
            other.granted,
            other.promised,
            other.places,
            other.refilled,
            other.held_back,
        )
