"""The demands of one SKU in FIFO order, as columns; objects are made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, overload

from backorderkit.model.orders import Order, OrderLine
from backorderkit.policies.protocol import Demand

_Column = TypeVar("_Column")


class Queue(Sequence[Demand]):
    """
    Demands in FIFO order.

    It is the sequence that `plan` hands to every policy.  The built-in policies
    read its columns, because making a `Demand` costs more than sharing does.

    Attributes:
        orders: The order of each demand.
        lines: The line of each demand.
        gots: What each has already.
        limits: The most that each may be given.
    """

    __slots__ = ("gots", "limits", "lines", "orders")

    def __init__(
        self,
        orders: Sequence[Order],
        lines: Sequence[OrderLine],
        gots: Sequence[int],
        limits: Sequence[int],
    ) -> None:
        """Take the columns as they are: sorted by `Demand.fifo_key`."""
        self.orders = orders
        self.lines = lines
        self.gots = gots
        self.limits = limits

    def __len__(self) -> int:
        return len(self.limits)

    @overload
    def __getitem__(self, index: int) -> Demand: ...
    @overload
    def __getitem__(self, index: slice) -> Queue: ...
    def __getitem__(self, index: int | slice) -> Demand | Queue:
        if isinstance(index, slice):
            return Queue(
                self.orders[index], self.lines[index], self.gots[index], self.limits[index]
            )
        return Demand(
            order=self.orders[index],
            line=self.lines[index],
            got=self.gots[index],
            limit=self.limits[index],
        )

    @property
    def claims(self) -> list[int]:
        """What each stands for: ordered - cancelled."""
        return [line.ordered - line.cancelled for line in self.lines]

    @property
    def priorities(self) -> list[int]:
        """The priority of each; 1 is served first."""
        return [order.priority for order in self.orders]

    def take(self, places: Sequence[int]) -> Queue:
        """Give the demands at some places, which must ascend, as a queue of their own."""

        def picked(column: Sequence[_Column]) -> list[_Column]:
            return [column[place] for place in places]

        return Queue(
            picked(self.orders), picked(self.lines), picked(self.gots), picked(self.limits)
        )


def share_in_fifo_order(
    supply: int, demands: Sequence[Demand], share: Callable[[int, Queue], Sequence[int]]
) -> Sequence[int]:
    """Let *share* answer for demands in any order, though it only knows FIFO order."""
    if isinstance(demands, Queue):
        return share(supply, demands)
    order = sorted(range(len(demands)), key=lambda place: demands[place].fifo_key)
    queue = Queue(
        [demands[place].order for place in order],
        [demands[place].line for place in order],
        [demands[place].got for place in order],
        [demands[place].limit for place in order],
    )
    shares = [0] * len(order)
    for place, given in zip(order, share(supply, queue), strict=True):
        shares[place] = given
    return shares
