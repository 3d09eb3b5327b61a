"""The demands of one SKU in FIFO order, as columns; objects are made when asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from operator import sub
from typing import Final, overload

from backorderkit.model._checks import Problems, check_whole, raise_first
from backorderkit.model._slots import new, setters
from backorderkit.model.orders import Order, OrderLine
from backorderkit.policies.protocol import Demand


class Queue(Sequence[Demand]):
    """
    Demands in FIFO order.

    It is the sequence that `plan` hands to every policy.  The built-in policies
    read its columns, because making a `Demand` costs more than sharing does; a
    column that no policy asks for is never made.

    No policy can change the question it is asked: the columns are tuples, and
    what holds them cannot be set.
    """

    __slots__ = ("_claims", "_limits", "_lines", "_made", "_orders", "_rows", "_wants")

    def __init__(
        self,
        orders: Sequence[Order],
        lines: Sequence[OrderLine],
        rows: Sequence[int],
        *,
        claims: Sequence[int],
        wants: Sequence[int],
        limits: Sequence[int],
    ) -> None:
        """
        Take columns as they are.

        Args:
            orders: Orders by row; there may be rows of other demands.
            lines: Lines by row.
            rows: The rows of the demands here, sorted by `Demand.fifo_key`.
            claims: What each demand here stands for.
            wants: What each demand here still wants.
            limits: The most that each may be given.
        """
        self._orders = orders
        self._lines = lines
        self._claims = claims
        self._rows = rows
        self._wants = tuple(wants)
        self._limits = tuple(limits)
        self._made: list[Demand] | None = None

    @classmethod
    def of(cls, demands: Sequence[Demand], places: Sequence[int] | None = None) -> Queue:
        """
        Put demands into the form that plans hand to policies.

        Args:
            demands: In any order.
            places: Their places in FIFO order; as they are given if absent.
        """
        places = range(len(demands)) if places is None else places
        return cls(
            [demand.order for demand in demands],
            [demand.line for demand in demands],
            places,
            claims=[demands[place].claim for place in places],
            wants=[demands[place].claim - demands[place].got for place in places],
            limits=[demands[place].limit for place in places],
        )

    def __len__(self) -> int:
        return len(self._limits)

    def __iter__(self) -> Iterator[Demand]:
        # Policies look twice and more: to sort, and to share.
        if self._made is None:
            self._made = self._all()
        return iter(self._made)

    def _all(self) -> list[Demand]:
        rows, claims = self._rows, self._claims
        made = list(map(new, repeat(Demand, len(rows))))
        # Filled column by column: an own policy looks at every line.
        _fill(map(_set_order, made, map(self._orders.__getitem__, rows)))
        _fill(map(_set_line, made, map(self._lines.__getitem__, rows)))
        _fill(map(_set_got, made, map(sub, claims, self._wants)))
        _fill(map(_set_limit, made, self._limits))
        return made

    def one_by_one(self) -> Iterator[Demand]:
        """Make the demands and keep none of them: a queue may hold millions."""
        orders, lines = self._orders, self._lines
        for row, claim, want, limit in zip(
            self._rows, self._claims, self._wants, self._limits, strict=True
        ):
            yield _demand(orders[row], lines[row], claim - want, limit)

    @overload
    def __getitem__(self, index: int) -> Demand: ...
    @overload
    def __getitem__(self, index: slice) -> Queue: ...
    def __getitem__(self, index: int | slice) -> Demand | Queue:
        if isinstance(index, slice):
            return self.take(range(len(self))[index])
        if self._made is not None:
            return self._made[index]
        row = self._rows[index]
        got = self._claims[index] - self._wants[index]
        return _demand(self._orders[row], self._lines[row], got, self._limits[index])

    @property
    def rows(self) -> Sequence[int]:
        """Where each stands among the lines that were planned."""
        return self._rows

    @property
    def wants(self) -> tuple[int, ...]:
        """What each is still owed and has no supply for."""
        return self._wants

    @property
    def limits(self) -> tuple[int, ...]:
        """The most that each may be given: what it wants, or less."""
        return self._limits

    @property
    def orders(self) -> list[Order]:
        """The order of each."""
        orders = self._orders
        return [orders[row] for row in self._rows]

    @property
    def lines(self) -> list[OrderLine]:
        """The line of each."""
        lines = self._lines
        return [lines[row] for row in self._rows]

    @property
    def claims(self) -> Sequence[int]:
        """What each stands for: ordered - cancelled."""
        return self._claims

    @property
    def gots(self) -> list[int]:
        """What each has already."""
        return list(map(sub, self._claims, self._wants))

    @property
    def priorities(self) -> list[int]:
        """The priority of each; 1 is served first."""
        orders, rows = self._orders, self._rows
        if len(rows) == len(orders):
            # Neighbours by row are neighbours in memory, too.
            by_row = [order.priority for order in orders]
            return list(map(by_row.__getitem__, rows))
        return [orders[row].priority for row in rows]

    def take(self, places: Sequence[int]) -> Queue:
        """Give the demands at some places as a queue of their own."""
        return self.capped([self.limits[place] for place in places], places)

    def capped(self, limits: Sequence[int], places: Sequence[int]) -> Queue:
        """Give the demands at some places with other limits."""
        return Queue(
            self._orders,
            self._lines,
            [self._rows[place] for place in places],
            claims=[self._claims[place] for place in places],
            wants=[self.wants[place] for place in places],
            limits=limits,
        )

    def after(self, shares: Sequence[int]) -> Queue:
        """Give the same demands when each has got so much more."""
        return Queue(
            self._orders,
            self._lines,
            self._rows,
            claims=self._claims,
            wants=list(map(sub, self._wants, shares)),
            limits=list(map(sub, self._limits, shares)),
        )


_fill: Final = deque[None](maxlen=0).extend
"""Lets an iterator do its work, and keeps nothing of it."""

_set_order, _set_line, _set_got, _set_limit = setters(Demand, "order", "line", "got", "limit")


def _demand(order: Order, line: OrderLine, got: int, limit: int) -> Demand:
    # Filling slots directly costs half of calling the constructor, and an own
    # policy looks at every line.
    demand = new(Demand)
    _set_order(demand, order)
    _set_line(demand, line)
    _set_got(demand, got)
    _set_limit(demand, limit)
    return demand


def share_in_fifo_order(
    supply: int, demands: Sequence[Demand], share: Callable[[int, Queue], Sequence[int]]
) -> Sequence[int]:
    """
    Let *share* answer for demands in any order, though it only knows FIFO order.

    Raises:
        InvalidValueError: if the supply is not a whole number of at least 0.
    """
    if isinstance(demands, Queue):
        return share(supply, demands)
    problems: Problems = []
    check_whole(problems, "supply", supply, least=0)
    raise_first(problems)
    given = list(demands)
    places = sorted(range(len(given)), key=lambda place: given[place].fifo_key)
    queue = Queue.of(given, places)
    shares = [0] * len(given)
    for place, quantity in zip(places, share(supply, queue), strict=True):
        shares[place] = quantity
    return shares
