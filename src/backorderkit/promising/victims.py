"""From whom units may be taken, and in which order they are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args

import attrs

from backorderkit.commands import TakenUnits
from backorderkit.errors import PolicyViolationError, shown
from backorderkit.model.backorders import Allocation, Promise, promise_place
from backorderkit.model.ids import LineId, Location, OrderId
from backorderkit.model.orders import Order, OrderLine
from backorderkit.planning.told import day_of
from backorderkit.policies.protocol import Demand, fifo_key
from backorderkit.policies.ranked import SortKey

VictimOrder = Literal["least-urgent", "youngest", "latest-requested", "fewest", "least-disturbing"]
"""
Whose units `displace` takes first; among equals the youngest line gives first.

``"least-urgent"``
    The order of the last priority.
``"youngest"``
    Who came last.
``"latest-requested"``
    Who asked for no day, then who asked for the latest.
``"fewest"``
    Who has most, so that as few lines as possible give.
``"least-disturbing"``
    Whose giving costs least for each unit, by the plan after it: units of frozen lines that
    get later, units that lose their date, units that miss the day that was asked for, days
    that units get later; one of these before the next.  One line after another is chosen,
    and one line alone that costs less in all goes before several.
"""

VICTIM_ORDERS: Final[tuple[VictimOrder, ...]] = get_args(VictimOrder)
"""All of them."""

VictimKey: TypeAlias = Callable[[Demand], SortKey]
"""An own order: who has the lowest key gives first."""


@attrs.frozen(kw_only=True)
class Donor:
    """
    A line that has units of use for another.

    Attributes:
        order: Its order.
        line: The line.
        got: What it has in all: shipped + allocated + promised.
        allocations: What it holds where the other can use it.
        promises: What it is promised in time for the other, there too.
    """

    order: Order
    line: OrderLine
    got: int
    allocations: tuple[Allocation, ...]
    promises: tuple[Promise, ...]

    @property
    def units(self) -> int:
        """How many units it has."""
        held = sum(each.quantity for each in self.allocations)
        return held + sum(each.quantity for each in self.promises)

    def give(self, units: int) -> list[TakenUnits]:
        """Take so many units from it: what comes last before what is there."""
        taken: list[TakenUnits] = []
        key: tuple[OrderId, LineId] = self.order.id, self.line.id
        for promise in sorted(self.promises, key=promise_place)[::-1]:
            part = min(units, promise.quantity)
            units -= part
            if part:
                taken.append(
                    TakenUnits(order=key[0], line=key[1], quantity=part, receipt=promise.receipt)
                )
        for held in sorted(self.allocations, key=lambda each: each.location)[::-1]:
            part = min(units, held.quantity)
            units -= part
            if part:
                at: Location = held.location
                taken.append(TakenUnits(order=key[0], line=key[1], quantity=part, location=at))
        return taken


def in_turn(donors: Iterable[Donor], order: VictimOrder | VictimKey) -> list[Donor]:
    """
    Put donors in the order in which they give; among equals the youngest gives first.

    Raises:
        PolicyViolationError: if own keys cannot be compared, or are floats.
    """
    youngest = sorted(donors, key=lambda each: fifo_key(each.order, each.line), reverse=True)
    match order:
        case "youngest":
            return youngest
        case "least-urgent" | "least-disturbing":
            return sorted(youngest, key=lambda each: -each.order.priority)
        case "fewest":
            # The largest first: no fewer lines could have as much.
            return sorted(youngest, key=lambda each: (-each.units, -each.order.priority))
        case "latest-requested":
            return sorted(youngest, key=lambda each: _requested(each.line.requested))
        case _:
            return _by_key(youngest, order)


def _requested(requested: datetime | None) -> tuple[bool, int]:
    """Who named no day is hurt least; then the latest day."""
    return requested is not None, 0 if requested is None else -day_of(requested)


def _by_key(donors: Sequence[Donor], key: VictimKey) -> list[Donor]:
    keys: list[SortKey] = []
    for each in donors:
        asked = Demand(order=each.order, line=each.line, got=each.got, limit=each.units)
        answer = key(asked)
        if _has_float(answer):
            detail = f"the key of order {each.order.id}, line {each.line.id} is {shown(answer)},"
            raise _broken(key, f"{detail} and no float decides")
        keys.append(answer)
    try:
        places = sorted(range(len(keys)), key=keys.__getitem__)
    except (TypeError, ArithmeticError) as error:
        raise _broken(key, f"its keys cannot be compared ({error})") from error
    return [donors[place] for place in places]


def _has_float(key: object) -> bool:
    return isinstance(key, float) or (isinstance(key, tuple) and any(map(_has_float, key)))


def _broken(key: VictimKey, detail: str) -> PolicyViolationError:
    name = getattr(key, "__name__", type(key).__name__)
    return PolicyViolationError(policy=name, clause="key", detail=detail)
