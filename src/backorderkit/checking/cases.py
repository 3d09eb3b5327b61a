"""A plan beside its snapshot, with what the checks look up."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from functools import cached_property
from typing import Final

import attrs

from backorderkit.changes import Released
from backorderkit.checking.documents import PlanDocument, PlannedLine
from backorderkit.checking.rules import AgreedRules, day_of
from backorderkit.checking.stock_promises import Filled, Left, StockPromise, filled
from backorderkit.model.backorders import Promise
from backorderkit.model.ids import Location, ReceiptId, Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockPosition
from backorderkit.model.units import Unit

Pool = tuple[Sku, Location]

RULES: Final = ", rules: "
"""By which words the name of a policy says that it is one of rules."""

SHIP_RULES: Final = ", ship rules "
"""By which words it says that there are ship rules and no others."""

TOGETHER: Final = "together"
"""By which word it says, among its rules, that lines ship together over their SKUs."""

_PIECES: Final = Unit()


@attrs.frozen(kw_only=True)
class Found:
    """
    Something that one check has against a plan.

    Attributes:
        about: Which line, pool, receipt or entry.
        text: What is wrong, with the numbers.
        excused: Whether the plan names a rule that holds the units back.
    """

    about: str
    text: str
    excused: bool = False


@attrs.frozen(kw_only=True)
class Event:
    """
    Supply of one SKU that is shared at once: what is on hand, or one receipt.

    Attributes:
        about: How a finding calls it.
        supply: What may be given away of it, by location.
        given: What the plan gives of it to each line.
        day: When it is shared, in UTC.
        kept: What the plan promises to each line, for a later day, of what the event leaves.
    """

    about: str
    supply: dict[Location, int]
    given: Counter[LineKey]
    day: date
    kept: Counter[LineKey] = attrs.field(factory=Counter)


@attrs.frozen(kw_only=True, slots=False, eq=False)
class Case:
    """
    What all checks look at.

    Attributes:
        snapshot: What was planned.
        plan: What is said to be a plan of it.
        rules: What the plan is said to keep to, if that is known.
    """

    snapshot: Snapshot
    plan: PlanDocument
    rules: AgreedRules | None = None

    @cached_property
    def is_ruled(self) -> bool:
        """Whether the plan says, by the name of its policy, that it goes by rules."""
        return RULES in self.plan.policy or SHIP_RULES in self.plan.policy

    @cached_property
    def is_tied(self) -> bool:
        """Whether the plan says that what comes of one SKU may free what lies of another."""
        return TOGETHER in self.plan.policy.partition(RULES)[2]

    @cached_property
    def occasions(self) -> frozenset[datetime]:
        """The times for which receipts can be promised."""
        return frozenset(max(each.due, self.snapshot.as_of) for each in self.snapshot.receipts)

    @cached_property
    def today(self) -> int:
        """The day of planning."""
        return day_of(self.snapshot.as_of)

    @cached_property
    def stays(self) -> frozenset[Sku]:
        """The SKUs that the plan leaves as they were, since a contract is broken."""
        return frozenset(each.sku for each in self.plan.broken) if self.is_ruled else frozenset()

    @cached_property
    def open(self) -> dict[LineKey, tuple[Order, OrderLine]]:
        """Every line of the snapshot with something outstanding."""
        return {
            (order.id, line.id): (order, line)
            for order in self.snapshot.orders
            for line in order.lines
            if line.outstanding
        }

    @cached_property
    def lines(self) -> dict[LineKey, PlannedLine]:
        """What the plan says of each open line, where it does."""
        return {line.key: line for line in self.plan.lines if line.key in self.open}

    @cached_property
    def held(self) -> dict[LineKey, dict[Location, int]]:
        """What each line held before, if anything."""
        held = dict[LineKey, dict[Location, int]]()
        for each in self.snapshot.allocations:
            held.setdefault((each.order, each.line), {})[each.location] = each.quantity
        return held

    @cached_property
    def released(self) -> dict[LineKey, Counter[Location]]:
        """What the plan takes from each line, if it is one of rules."""
        released = dict[LineKey, Counter[Location]]()
        for change in self.plan.changes if self.is_ruled else ():
            if isinstance(change, Released):
                units = released.setdefault((change.order, change.line), Counter())
                units[change.location] += change.quantity
        return released

    @cached_property
    def back(self) -> Counter[Pool]:
        """What the plan puts back into each pool."""
        back = Counter[Pool]()
        for key, units in self.released.items():
            if key in self.open:
                for location, quantity in units.items():
                    back[self.open[key][1].sku, location] += quantity
        return back

    def available(self, pool: Pool) -> int:
        """Say how much of a pool may be given away, with what is put back into it."""
        there = self.pools.get(pool)
        if there is None:
            return 0
        return max(0, there.unallocated + self.back[pool] - there.held - there.safety_stock)

    def missing(self, pool: Pool) -> int:
        """Say how much holds and safety stock lack in a pool."""
        there = self.pools[pool]
        return max(0, there.held + there.safety_stock - there.unallocated - self.back[pool])

    @cached_property
    def told(self) -> dict[LineKey, tuple[Promise, ...]]:
        """What each line was promised before, if anything."""
        return {
            (each.order, each.line): each.promises
            for each in self.snapshot.backorders
            if each.promises
        }

    @cached_property
    def granted(self) -> dict[LineKey, dict[Location, int]]:
        """What each line holds after the plan beyond what it held before, if anything."""
        granted = dict[LineKey, dict[Location, int]]()
        for key, line in self.lines.items():
            before = self.held.get(key, {})
            for location, units in line.by_location.items():
                if units > before.get(location, 0):
                    more = units - before.get(location, 0)
                    granted.setdefault(key, {})[location] = more
        return granted

    @cached_property
    def waiting(self) -> dict[LineKey, int]:
        """What each open line wants beyond what it held before and keeps."""
        return {
            key: line.outstanding
            - sum(self.held.get(key, {}).values())
            + sum(self.released.get(key, {}).values())
            for key, (_, line) in self.open.items()
        }

    @cached_property
    def pools(self) -> dict[Pool, StockPosition]:
        """What is there, by SKU and location."""
        return {(each.sku, each.location): each for each in self.snapshot.positions}

    @cached_property
    def keys_of(self) -> dict[Sku, list[LineKey]]:
        """The open lines of each SKU."""
        keys = dict[Sku, list[LineKey]]()
        for key, (_, line) in self.open.items():
            keys.setdefault(line.sku, []).append(key)
        return keys

    @cached_property
    def coming(self) -> dict[ReceiptId, ScheduledReceipt]:
        """The receipts, in the order in which they are shared."""
        receipts = sorted(self.snapshot.receipts, key=lambda each: (each.due, each.id))
        return {receipt.id: receipt for receipt in receipts}

    @cached_property
    def brought(self) -> dict[ReceiptId, int]:
        """What each receipt brings beyond what holds and safety stock lack when it comes."""
        missing = Counter({pool: self.missing(pool) for pool in self.pools})
        brought = dict[ReceiptId, int]()
        for receipt in self.coming.values():
            pool = receipt.sku, receipt.location
            refill = min(receipt.quantity, missing[pool])
            missing[pool] -= refill
            brought[receipt.id] = receipt.quantity - refill
        return brought

    @cached_property
    def promised(self) -> dict[ReceiptId, Counter[LineKey]]:
        """What the plan promises to each line of each receipt."""
        promised = dict[ReceiptId, Counter[LineKey]]()
        for key, line in self.lines.items():
            for each in line.promises:
                if each.receipt is not None:
                    promised.setdefault(each.receipt, Counter())[key] += each.quantity
        return promised

    @cached_property
    def stock_promises(self) -> dict[Sku, Filled]:
        """What the plan promises of units on hand, by SKU: which units, and which are not there."""
        told = dict[Sku, list[StockPromise]]()
        for key, line in self.lines.items():
            order_line = self.open[key][1]
            told.setdefault(order_line.sku, []).extend(
                StockPromise(
                    key=key, bound=order_line.location, due=each.due, quantity=each.quantity
                )
                for each in line.promises
                if each.receipt is None
            )
        return {
            sku: filled(promises, [self._left_of(event) for event in self._events[sku]])
            for sku, promises in told.items()
            if promises
        }

    def _left_of(self, event: Event) -> Left:
        units = Counter(event.supply)
        if len(event.supply) == 1:
            units.subtract(dict.fromkeys(event.supply, event.given.total()))
        else:
            for key in event.given:
                units.subtract(self.granted[key])
        return Left(day=event.day, units=units)

    @cached_property
    def events(self) -> dict[Sku, list[Event]]:
        """For each SKU with open lines its supply, in the order in which it is shared."""
        events = dict(self._events)
        for sku, found in self.stock_promises.items():
            events[sku] = [
                attrs.evolve(event, kept=kept)
                for event, kept in zip(events[sku], found.kept, strict=True)
            ]
        return events

    @cached_property
    def _events(self) -> dict[Sku, list[Event]]:
        today = self.snapshot.as_of.date()
        stock: dict[Sku, dict[Location, int]] = {sku: {} for sku in self.keys_of}
        for sku, location in self.pools:
            if sku in stock:
                stock[sku][location] = self.available((sku, location))
        given: dict[Sku, Counter[LineKey]] = {sku: Counter() for sku in self.keys_of}
        for key, units in self.granted.items():
            given[self.open[key][1].sku][key] = sum(units.values())
        events = {
            sku: [Event(about="stock on hand", supply=stock[sku], given=given[sku], day=today)]
            for sku in self.keys_of
        }
        for receipt in self.coming.values():
            if receipt.sku in events:
                event = Event(
                    about=f"receipt {receipt.id}",
                    supply={receipt.location: self.brought[receipt.id]},
                    given=self.promised.get(receipt.id, Counter()),
                    day=max(today, receipt.due.date()),
                )
                events[receipt.sku].append(event)
        return events

    def unit_of(self, sku: Sku) -> Unit:
        """Give the unit of a SKU, in pieces if it is unknown."""
        return self._units.get(sku, _PIECES)

    @cached_property
    def _units(self) -> dict[Sku, Unit]:
        return {item.sku: item.measure for item in self.snapshot.items or ()}

    def shown(self, sku: Sku, quantity: int) -> str:
        """Write a quantity of a SKU in its unit."""
        unit = self.unit_of(sku)
        return f"{unit.to_text(quantity)} {unit.name}"
