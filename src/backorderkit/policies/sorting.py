"""
Sorts many lines at once, column by column.

Each filter is a bit.  Of each attribute, a table tells for each of its values which
filters let it through; a line's are what all attributes have in common.  So the work
for a line does not grow with the filters.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import repeat
from operator import and_
from typing import Final

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import require_time
from backorderkit.model.orders import Order, OrderLine
from backorderkit.policies.attributes import ATTRIBUTES, KNOWN, Attribute, Value
from backorderkit.policies.conditions import Condition, ValueTest

_USUAL: Final[tuple[Attribute, ...]] = ("customer", "channel", "priority")
"""What most conditions on orders are about."""


@attrs.frozen
class Filter:
    """What lets a line through: it meets all of some conditions, and none of others."""

    include: Sequence[Condition]
    exclude: Sequence[Condition]


@attrs.define(eq=False)
class _Gate:
    """
    All that is asked of one attribute.

    Attributes:
        everything: The bits of all filters.
        asking: The bits of those that ask.
        tests: The bit of a filter, a test that it makes, and whether this must hold.
        turns: Where the answer for a time may change.
        listed: The values that lists name; None where something else is asked too.
    """

    everything: int
    asking: int = 0
    tests: list[tuple[int, ValueTest, bool]] = attrs.field(factory=list)
    turns: list[datetime] = attrs.field(factory=list)
    listed: set[Value] | None = attrs.field(factory=set)

    def add(self, bit: int, condition: Condition, as_of: datetime, *, wanted: bool) -> None:
        """Take in what a filter asks."""
        self.asking |= bit
        self.tests.append((bit, condition.test_at(as_of), wanted))
        if KNOWN[condition.attribute].kind == "time":
            self.turns += condition.turns_at(as_of)
        values = condition.only_lists
        if values is None:
            self.listed = None
        elif self.listed is not None:
            self.listed.update(values)

    def mask_of(self, value: Value | None) -> int:
        """Give the filters that let a value through."""
        value = None if value == "" else value
        mask = self.everything
        for bit, test, wanted in self.tests:
            if mask & bit and test(value) is not wanted:
                mask ^= bit
        return mask

    def masks(self, column: Iterable[Value | None]) -> Iterable[int]:
        """Give the filters that let each value through."""
        if self.listed is None:
            return map(_Learnt(self.mask_of).__getitem__, column)
        table, other = self.table(())
        return map(table.get, column, repeat(other))

    def table(self, column: Iterable[Value | None]) -> tuple[dict[Value | None, int], int]:
        """Give the filters that let values through, and those for one that is not among them."""
        # All that no list names are alike, the absent too: there may be many, and few lists.
        known = set(column) if self.listed is None else self.listed
        return {value: self.mask_of(value) for value in known}, self.mask_of(None)

    def narrow(self, masks: Iterable[int], moments: Iterable[datetime | None]) -> list[int]:
        """
        Take away the filters that do not let a time through.

        Times are nearly all different and slow to look up, so each is placed between the turns.
        """
        turns, asking, absent = sorted(set(self.turns)), self.asking, self.mask_of(None)
        table = [self.mask_of(start) for start in (datetime.min.replace(tzinfo=UTC), *turns)]
        return [
            mask & (absent if moment is None else table[bisect_right(turns, moment)])
            if mask & asking
            else mask
            for mask, moment in zip(masks, moments, strict=True)
        ]


class _Learnt(dict[Value | None, int]):
    """A table that asks once for each key that is new to it."""

    def __init__(self, ask: Callable[[Value | None], int]) -> None:
        self._ask = ask

    def __missing__(self, key: Value | None) -> int:
        answer = self[key] = self._ask(key)
        return answer


class Sorter:
    """Sorts lines into the filters that let them through."""

    def __init__(self, filters: Sequence[Filter], as_of: datetime) -> None:
        """
        Prepare the tests.

        Raises:
            InvalidValueError: if *as_of* is no time, or naive.
        """
        require_time("as_of", as_of)
        self._everything = (1 << len(filters)) - 1
        gates = {name: _Gate(self._everything) for name in ATTRIBUTES}
        for place, each in enumerate(filters):
            for condition in each.include:
                gates[condition.attribute].add(1 << place, condition, as_of, wanted=True)
            for condition in each.exclude:
                gates[condition.attribute].add(1 << place, condition, as_of, wanted=False)
        self._gates = {name: gate for name, gate in gates.items() if gate.tests}

    def masks(self, orders: Sequence[Order], lines: Sequence[OrderLine]) -> list[int]:
        """
        Give for each line the filters that let it through: bit 0 is the first of them.

        Raises:
            InvalidValueError: if there is not one order for each line.
        """
        if len(orders) != len(lines):
            reason = f"must be as many as the lines: {len(lines)}"
            raise InvalidValueError(field="orders", value=len(orders), reason=reason)
        masks = self._of_orders(orders)
        timed: list[tuple[Attribute, _Gate]] = []
        for name, gate in self._gates.items():
            read = KNOWN[name].of_line
            if KNOWN[name].kind == "time":
                # Last, since a time is looked at only for filters that have not failed yet.
                timed.append((name, gate))
            elif read is not None:
                masks = map(and_, masks, gate.masks(map(read, lines)))
        for name, gate in timed:
            masks = gate.narrow(masks, _moments(name, orders, lines))
        return list(masks)

    def firsts(self, orders: Sequence[Order], lines: Sequence[OrderLine]) -> list[int]:
        """
        Give for each line the place of the first filter that lets it through, or else -1.

        Raises:
            InvalidValueError: if there is not one order for each line.
        """
        return list(map(_Firsts().__getitem__, self.masks(orders, lines)))

    def _of_orders(self, orders: Sequence[Order]) -> Iterable[int]:
        """Give the filters that let the orders of lines through, as far as orders tell."""
        masks: Iterable[int] = repeat(self._everything, len(orders))
        if any(name in self._gates for name in _USUAL):
            masks = self._of_usual(orders)
        for name in ("order", "sequence"):
            read = KNOWN[name].of_order
            if name in self._gates and read is not None:
                masks = map(and_, masks, self._gates[name].masks(map(read, orders)))
        return masks

    def _of_usual(self, orders: Sequence[Order]) -> list[int]:
        """
        Look at customer, channel and priority in one go, once for neighbours of one order.

        To fetch an order from memory costs more than all that is done with it.
        """
        customer, channel, priority = (
            self._gates.get(name) or _Gate(self._everything) for name in _USUAL
        )
        by_customer, other = customer.table(order.customer for order in orders)
        by_channel, by_priority = _Learnt(channel.mask_of), _Learnt(priority.mask_of)
        look_up = by_customer.get
        masks: list[int] = []
        last: Order | None = None
        mask = self._everything
        for order in orders:
            if order is not last:
                last = order
                mask = (
                    look_up(order.customer, other)
                    & by_channel[order.channel]
                    & by_priority[order.priority]
                )
            masks.append(mask)
        return masks


class _Firsts(dict[int, int]):
    """The lowest bit of each mask that comes up."""

    def __missing__(self, mask: int) -> int:
        first = self[mask] = next(bits_of(mask), -1)
        return first


def bits_of(mask: int) -> Iterator[int]:
    """Give the places of the bits that are set, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _moments(
    name: Attribute, orders: Sequence[Order], lines: Sequence[OrderLine]
) -> Iterable[datetime | None]:
    """Read a time of each line."""
    if name == "placed_at":
        pairs = zip(orders, lines, strict=True)
        return (line.placed_at or order.placed_at for order, line in pairs)
    if name == "requested":
        return [line.requested for line in lines]
    return [line.cancel_after for line in lines]
