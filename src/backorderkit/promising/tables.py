"""Available to promise by period, as the textbooks and the big systems put it in a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate

import attrs

from backorderkit.model._checks import (
    MAX_INTEGER,
    Problems,
    as_tuple,
    check_whole,
    raise_first,
    refuse,
)


def _ints(values: Iterable[int]) -> tuple[int, ...]:
    return as_tuple("values", values)


@attrs.frozen(kw_only=True, slots=False)
class AtpTable:
    """
    Supply and booked demand by period, and what of it can still be promised.

    `available` is the one to promise from; the others are what textbooks teach and other
    systems show, to compare with.  A forecast takes no part in any of them.

    Attributes:
        on_hand: Units there before the first period; negative for an old debt.
        supply: Units that arrive in each period.
        demand: Units booked for each period; as many periods.

    Raises:
        InvalidValueError: if a number is none, or the periods are not as many.

    >>> table = AtpTable(supply=[100, 0, 0, 50], demand=[20, 30, 10, 5])
    >>> table.balance
    (80, 50, 40, 85)
    >>> table.available
    (40, 40, 40, 85)
    >>> table.schedule(60)
    ((0, 40), (3, 20))
    """

    on_hand: int = 0
    supply: tuple[int, ...] = attrs.field(converter=_ints)
    demand: tuple[int, ...] = attrs.field(converter=_ints)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_whole(problems, "on_hand", self.on_hand, least=-MAX_INTEGER)
        for field in ("supply", "demand"):
            for value in getattr(self, field):
                check_whole(problems, field, value, least=0)
        if len(self.supply) != len(self.demand):
            refuse(problems, "demand", self.demand, "must have as many periods as supply")
        raise_first(problems)

    @cached_property
    def balance(self) -> tuple[int, ...]:
        """
        What is there after each period: the projected balance.

        It is the cumulative ATP *without* look-ahead, which promises what a later
        period needs.
        """
        return tuple(accumulate(self._net))

    @cached_property
    def available(self) -> tuple[int, ...]:
        """
        What can be promised for each period without breaking a booking: ATP with look-ahead.

        The least of the balances from that period on, and so never falling; negative where
        booked demand is short already.  O(periods).
        """
        return suffix_minimum(self.balance)

    @cached_property
    def discrete(self) -> tuple[int | None, ...]:
        """
        ATP of each period that has supply of its own, as APICS defines it; None elsewhere.

        The first period has what is on hand, too.  Each answers for the demand up to the next
        period with supply, and can be negative.
        """
        found: list[int | None] = []
        last = 0
        for period, (supply, demand) in enumerate(zip(self.supply, self.demand, strict=True)):
            if supply or period == 0:
                last = period
                found.append(supply + (0 if period else self.on_hand) - demand)
            else:
                found.append(None)
                found[last] = (found[last] or 0) - demand
        return tuple(found)

    @cached_property
    def period_net(self) -> tuple[int, ...]:
        """Supply less demand of each period, what is on hand in the first."""
        return tuple(self._net)

    @cached_property
    def backward(self) -> tuple[int, ...]:
        """Each period's net after later shortages took from earlier rests (Oracle Inventory)."""
        return tuple(value or 0 for value in absorbed(self.period_net))

    @cached_property
    def backward_accumulated(self) -> tuple[int, ...]:
        """
        The running sum of `backward`, which does not carry a shortage on (Oracle Inventory).

        It forgets a shortage that nothing absorbed, and so promises more than there is.
        """
        shown: list[int] = []
        total = 0
        for value in self.backward:
            total += max(value, 0)
            shown.append(value if value < 0 else total)
        return tuple(shown)

    def schedule(self, quantity: int, start: int = 0) -> tuple[tuple[int, int], ...]:
        """
        Say in which periods a new demand can have its units, as early as possible.

        Args:
            quantity: How many are wanted.
            start: The first period in which they are of use.

        Returns:
            Pairs of period and quantity; together less than wanted where supply ends.

        Raises:
            InvalidValueError: if the quantity is not at least 1, or the start not at least 0.
        """
        problems: Problems = []
        check_whole(problems, "quantity", quantity, least=1)
        check_whole(problems, "start", start, least=0)
        raise_first(problems)
        parts: list[tuple[int, int]] = []
        taken = 0
        for period in range(start, len(self.available)):
            units = min(self.available[period], quantity) - taken
            if units > 0:
                parts.append((period, units))
                taken += units
        return tuple(parts)

    @property
    def _net(self) -> list[int]:
        net = [supply - demand for supply, demand in zip(self.supply, self.demand, strict=True)]
        if net:
            net[0] += self.on_hand
        return net


def suffix_minimum(balance: Sequence[int]) -> tuple[int, ...]:
    """
    Give the least of each value and those after it.  O(n).

    >>> suffix_minimum([17, 17, 27, 12, 16])
    (12, 12, 12, 12, 16)
    """
    return tuple(accumulate(reversed(balance), min))[::-1]


def absorbed(discrete: Sequence[int | None]) -> tuple[int | None, ...]:
    """
    Let each shortage take from the nearest earlier period that has something left.

    What none of them has stays as a negative number.  O(n).

    >>> absorbed([5, 13, None, None, -15, None, 42, None])
    (3, 0, None, None, 0, None, 42, None)
    """
    left = list(discrete)
    # The earlier periods that have something left, the nearest last.
    rests: list[int] = []
    for period, value in enumerate(left):
        if value is None:
            continue
        if value >= 0:
            rests.append(period)
            continue
        lacking = -value
        while lacking and rests:
            there = left[rests[-1]] or 0
            taken = min(lacking, there)
            left[rests[-1]] = there - taken
            lacking -= taken
            if taken == there:
                rests.pop()
        left[period] = -lacking
    return tuple(left)


def projected_inventory(
    on_hand: int, forecast: Sequence[int], orders: Sequence[int], *, lot: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """
    Project the inventory against forecast and orders, and start a lot where it would end.

    Each period needs the larger of its forecast and its orders.  This is where a forecast
    belongs: it says what to make, never what to promise.

    Returns:
        The lots by period (the master production schedule), and the inventory after each.

    Raises:
        InvalidValueError: if the lot is not at least 1, or the periods are not as many.

    >>> projected_inventory(64, [30, 30, 30], [33, 20, 10], lot=70)
    ((0, 0, 70), (31, 1, 41))
    """
    problems: Problems = []
    check_whole(problems, "lot", lot, least=1)
    if len(forecast) != len(orders):
        refuse(problems, "orders", orders, "must have as many periods as forecast")
    raise_first(problems)
    lots: list[int] = []
    inventory: list[int] = []
    left = on_hand
    for expected, booked in zip(forecast, orders, strict=True):
        need = max(expected, booked)
        made = lot * max(0, -(-(need - left) // lot))
        left += made - need
        lots.append(made)
        inventory.append(left)
    return tuple(lots), tuple(inventory)
