"""What rules say of each open line, worked out once for a whole run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, Literal

import attrs

from backorderkit.model.backorders import Allocation, Promise
from backorderkit.model.ids import Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.planning.limits import Limits
from backorderkit.planning.line_terms import NEVER
from backorderkit.planning.open_lines import OpenLines
from backorderkit.planning.told import day_of
from backorderkit.policies.buffers import withheld
from backorderkit.policies.contracts import Contract
from backorderkit.policies.protocol import AllocationPolicy
from backorderkit.policies.reserving import AT_ONCE, Reserve
from backorderkit.policies.rules import NOTHING_FROZEN, OWN_PLACE, Rules
from backorderkit.policies.segments import Segment, sorter_of
from backorderkit.policies.shipping import ANY_PART, ShipRule, rule_for

_FROZEN: Final = Contract(floor="keep-or-raise")
_FROZEN_CAPPED: Final = Contract(floor="keep-or-raise", cap="not-better")
_KINDS: Final[tuple[Literal["on-hand", "receipts"], ...]] = ("on-hand", "receipts")


@attrs.define(eq=False, slots=False)
class RuledLines:
    """
    The open lines of a run, by what rules say of them.

    Attributes:
        rules: What they go by.
        name: Of the policy.
        snapshot: What is planned.
        before: Its open lines, with what is allocated to them.
    """

    rules: Rules
    name: str
    snapshot: Snapshot
    before: OpenLines

    @cached_property
    def segment_of(self) -> Sequence[int]:
        """Which segment each line is in, by row; -1 is none."""
        segments, lines = self.rules.segments, self.before
        if not segments:
            return [-1] * len(lines.lines)
        return sorter_of(segments, self.snapshot.as_of).firsts(lines.owners, lines.lines)

    @cached_property
    def taken_back(self) -> dict[int, tuple[Allocation, ...]]:
        """What is taken back and shared anew, by row."""
        segments = self.rules.segments
        taking = [each.contract is not None and each.contract.takes_back for each in segments]
        if not any(taking):
            return {}
        frozen = self.frozen
        lines, segment_of = self.before, self.segment_of
        return {
            row: lines.allocations_of(row)
            for row in lines.allocated_at
            if segment_of[row] >= 0 and taking[segment_of[row]] and row not in frozen
        }

    @cached_property
    def lines(self) -> OpenLines:
        """The open lines without what is taken back."""
        return self.before.without(self.taken_back) if self.taken_back else self.before

    @cached_property
    def rest(self) -> Snapshot:
        """The snapshot without what is taken back."""
        if not self.taken_back:
            return self.snapshot
        before = self.snapshot
        return before._with(  # noqa: SLF001 - it is ours
            stock=before.stock,
            receipts=before.receipts,
            orders=before.orders,
            allocations=self.lines.allocations,
            backorders=before.backorders,
            holds=before.holds,
        )

    @cached_property
    def limits(self) -> Limits:
        """Quotas and protections, made ready."""
        rules = self.rules
        return Limits(rules.quotas, rules.protections, as_of=self.snapshot.as_of)

    def withheld(self, level: StockLevel) -> int:
        """Say how much of a pool buffers withhold."""
        buffers = self.rules.buffers
        if not buffers:
            return 0
        return withheld(buffers, level.sku, level.location, level.on_hand, "on-hand")

    def withheld_of(self, receipt: ScheduledReceipt, quantity: int) -> int:
        """
        Say how much buffers will withhold of what a receipt brings.

        What arrives will lie there, so what is withheld of the stock is of it, too.
        """
        buffers = self.rules.buffers
        if not buffers:
            return 0
        pool = receipt.sku, receipt.location
        of_both = (withheld(buffers, *pool, receipt.quantity, what) for what in _KINDS)
        return min(quantity, max(of_both))

    @cached_property
    def promises(self) -> Mapping[int, tuple[Promise, ...]]:
        """What was told to lines, by row."""
        told = {
            (known.order, known.line): known.promises
            for known in self.snapshot.backorders
            if known.promises
        }
        if not told:
            return {}
        columns = zip(self.before.owners, self.before.lines, strict=True)
        keys = ((order.id, line.id) for order, line in columns)
        return {row: told[key] for row, key in enumerate(keys) if key in told}

    def concerns(self, sku: Sku) -> bool:
        """Say whether rules say anything of a SKU's lines that the policy within would not."""
        rules = self.rules
        if rules.reserve != AT_ONCE or rules.ship != ANY_PART or rules.together:
            return True
        concerned: list[frozenset[Sku] | None] = [each.skus for each in rules.quotas]
        concerned += [each.skus for each in rules.protections]
        concerned += [each.skus for each in rules.buffers]
        if any(skus is None or sku in skus for skus in concerned):
            return True
        segment_of, frozen = self.segment_of, self.frozen
        return any(segment_of[row] >= 0 or row in frozen for row in self.before.rows_of(sku))

    @cached_property
    def frozen(self) -> frozenset[int]:
        """The rows of lines that keep what they have."""
        frozen, lines, as_of = self.rules.frozen, self.before, self.snapshot.as_of
        if frozen == NOTHING_FROZEN:
            return frozenset()
        columns = enumerate(zip(lines.owners, lines.lines, strict=True))
        told = self.promises
        return frozenset(
            row
            for row, (order, line) in columns
            if frozen.holds(order, line, told.get(row, ()), as_of)
        )

    def segment(self, row: int) -> Segment | None:
        """Give the segment of a line, if it is in one."""
        index = self.segment_of[row]
        return self.rules.segments[index] if index >= 0 else None

    @cached_property
    def _by_segment(
        self,
    ) -> tuple[list[Contract | None], list[ShipRule | None], list[Reserve], list[int]]:
        """What each segment says, and behind them what holds for lines in none."""
        rules = self.rules
        segments = rules.segments
        return (
            [*(each.contract for each in segments), None],
            [*(each.ship for each in segments), None],
            [*(each.reserve or rules.reserve for each in segments), rules.reserve],
            [*(each.place for each in segments), OWN_PLACE],
        )

    def contract(self, row: int) -> Contract | None:
        """Give the contract by which a line is planned again, if there is one."""
        contract = self._by_segment[0][self.segment_of[row]]
        if self.frozen and row in self.frozen:
            if self.rules.together is not None:
                return None
            return _FROZEN_CAPPED if contract and contract.cap != "none" else _FROZEN
        return contract

    def rule(self, row: int) -> ShipRule:
        """Give the ship rule of a line."""
        own = self._by_segment[1][self.segment_of[row]]
        return self._common_rules[row] if own is None else own

    @cached_property
    def _common_rules(self) -> Sequence[ShipRule]:
        """The rule of each line whose segment has none; the host is asked once for each."""
        rule, lines = self.rules.ship, self.before
        if isinstance(rule, ShipRule):
            return [rule] * len(lines.lines)
        columns = zip(lines.owners, lines.lines, strict=True)
        return [rule_for(rule, order, line, self.name) for order, line in columns]

    @property
    def waits(self) -> bool:
        """Whether the queue waits behind who cannot be served by its rule."""
        return self.rules.waits

    def place(self, row: int) -> int:
        """Give the place of a line in the line of service."""
        return self._by_segment[3][self.segment_of[row]]

    @cached_property
    def named(self) -> dict[int, AllocationPolicy]:
        """The policies that segments name, by place."""
        return {each.place: each.policy for each in self.rules.segments if each.policy}

    @cached_property
    def has_terms(self) -> bool:
        """Whether there are ship rules, or lines that may not take at once."""
        _, rules, reserves, _ = self._by_segment
        own = any(rule not in (None, ANY_PART) for rule in rules)
        return own or self.rules.ship != ANY_PART or any(each != AT_ONCE for each in reserves)

    def opens(self, row: int) -> int:
        """Give the first day on which a line may take."""
        reserve = self._by_segment[2][self.segment_of[row]]
        if reserve is AT_ONCE or reserve == AT_ONCE:
            return 0
        day = reserve.opens(self.lines.lines[row].requested, self.snapshot.as_of)
        return NEVER if day is None else day

    def told(self, row: int) -> tuple[Promise, ...]:
        """Give what a line was told."""
        return self.promises.get(row, ())

    @cached_property
    def today(self) -> int:
        """The day of planning."""
        return day_of(self.snapshot.as_of)
