"""What must hold between the values of one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, Literal

import attrs

from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.model._checks import Problems
from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.holds import Hold, HoldKey
from backorderkit.model.ids import LineId, Location, OrderId, Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.model.units import Unit

Rule = Literal["unique", "known-sku", "known-line", "own-location", "fits-line", "fits-stock"]
"""The rules between values: see the documents' list of them."""

RESTS_ON: Final[Mapping[Rule, str]] = {
    "known-sku": "items",
    "known-line": "orders",
    "fits-stock": "stock",
}
"""The rules that prove nothing where part of that section is not known."""

UNIQUE: Final = "must be unique"


@attrs.frozen(kw_only=True)
class Sections:
    """The parts of a snapshot in the order in which they were given."""

    items: Sequence[Item] | None
    stock: Sequence[StockLevel]
    receipts: Sequence[ScheduledReceipt]
    orders: Sequence[Order]
    allocations: Sequence[Allocation]
    backorders: Sequence[Backorder]
    holds: Sequence[Hold]


@attrs.frozen(kw_only=True)
class Fault:
    """
    One thing that does not fit together.

    Attributes:
        rule: Which rule is broken.
        section: Which part: ``"orders"``.
        index: Which entry of it, as given.
        line: Which line of an order, where it is about one.
        field: Which field of the entry or line.
        value: What stands there.
        reason: What it must be.
        context: Which order, line, SKU and location that is.
    """

    rule: Rule
    section: str
    index: int
    line: OrderLine | None = None
    field: str
    value: object
    reason: str
    context: str


def raise_faults(
    sections: Sections, problems: Problems, places: Mapping[str, Sequence[int]]
) -> None:
    """
    Refuse parts that do not fit together, with all their faults and paths.

    Args:
        sections: The parts.
        problems: What is known to be wrong already.
        places: Of those sections that lost something, which entries are left.

    Raises:
        InvalidInputError: with everything, if there is anything.
    """
    numbers = LineNumbers(lambda index: enumerate(sections.orders[index].lines))
    lost = {rule for rule, section in RESTS_ON.items() if section in places}
    for fault in faults(sections):
        if fault.rule not in lost:
            left = places.get(fault.section)
            index = fault.index if left is None else left[fault.index]
            problems.append(as_error(fault, path_of(fault, index, numbers)))
    if problems:
        raise InvalidInputError(problem_count("snapshot", len(problems)), problems)


def problem_count(whole: str, number: int) -> str:
    """Say how many problems something has."""
    return f"{whole}: {number} problem{'s' if number > 1 else ''}"


def as_error(fault: Fault, path: str) -> InvalidValueError:
    """Turn a fault into the error for it."""
    return InvalidValueError(
        field=fault.field,
        value=fault.value,
        reason=fault.reason,
        path=path,
        context=fault.context,
    )


class LineNumbers:
    """Tells the number of a faulty line in its order; an order is searched once."""

    def __init__(self, lines_of: Callable[[int], Iterable[tuple[int, OrderLine]]]) -> None:
        """Take what gives the numbered lines of an order, by the order's index."""
        self._lines_of = lines_of
        self._numbers = dict[int, dict[int, int]]()

    def of(self, index: int, line: OrderLine) -> int:
        """Give the number of a line of an order."""
        numbers = self._numbers.get(index)
        if numbers is None:
            numbers = {id(each): number for number, each in self._lines_of(index)}
            self._numbers[index] = numbers
        return numbers[id(line)]


def path_of(fault: Fault, index: int, numbers: LineNumbers) -> str:
    """Give the path of a fault in some entry as Python and JSON would write it."""
    entry = f"{fault.section}[{index}]"
    if fault.line is None:
        return f"{entry}.{fault.field}"
    return f"{entry}.lines[{numbers.of(fault.index, fault.line)}].{fault.field}"


def faults(sections: Sections) -> Iterator[Fault]:
    """Find all that does not fit together, section by section."""
    known = None if sections.items is None else {item.sku for item in sections.items}
    if sections.items is not None:
        yield from _repeated_items(sections.items)
    yield from _stock_faults(sections.stock, known)
    yield from _receipt_faults(sections.receipts, known)
    yield from _order_faults(sections.orders, known)
    if sections.allocations:
        yield from allocation_faults(sections)
    yield from _backorder_faults(sections.backorders)
    yield from _hold_faults(sections.holds, known)


def _repeated_items(items: Sequence[Item]) -> Iterator[Fault]:
    seen = set[Sku]()
    for index, item in enumerate(items):
        if item.sku in seen:
            yield Fault(
                rule="unique",
                section="items",
                index=index,
                field="sku",
                value=item.sku,
                reason=UNIQUE,
                context=f"SKU {item.sku}",
            )
        seen.add(item.sku)


def _stock_faults(stock: Sequence[StockLevel], known: set[Sku] | None) -> Iterator[Fault]:
    seen = set[tuple[Sku, Location]]()
    for index, level in enumerate(stock):
        context = f"SKU {level.sku}, location {level.location}"
        if known is not None and level.sku not in known:
            yield _unknown_sku("stock", index, level.sku, context)
        if (level.sku, level.location) in seen:
            yield Fault(
                rule="unique",
                section="stock",
                index=index,
                field="location",
                value=level.location,
                reason="must be unique per SKU",
                context=context,
            )
        seen.add((level.sku, level.location))


def _receipt_faults(
    receipts: Sequence[ScheduledReceipt], known: set[Sku] | None
) -> Iterator[Fault]:
    seen = set[str]()
    for index, receipt in enumerate(receipts):
        context = f"receipt {receipt.id}, SKU {receipt.sku}, location {receipt.location}"
        if known is not None and receipt.sku not in known:
            yield _unknown_sku("receipts", index, receipt.sku, context)
        if receipt.id in seen:
            yield Fault(
                rule="unique",
                section="receipts",
                index=index,
                field="id",
                value=receipt.id,
                reason=UNIQUE,
                context=context,
            )
        seen.add(receipt.id)


def _order_faults(orders: Sequence[Order], known: set[Sku] | None) -> Iterator[Fault]:
    seen = set[OrderId]()
    for index, order in enumerate(orders):
        if order.id in seen:
            yield Fault(
                rule="unique",
                section="orders",
                index=index,
                field="id",
                value=order.id,
                reason=UNIQUE,
                context=f"order {order.id}",
            )
        seen.add(order.id)
        if known is None:
            continue
        for line in order.lines:
            if line.sku not in known:
                context = line_context(order.id, line.id, line)
                yield _unknown_sku("orders", index, line.sku, context, line)


def allocation_faults(sections: Sections) -> Iterator[Fault]:
    """Find allocations that do not fit their line or the stock."""
    lines = {(order.id, line.id): line for order in sections.orders for line in order.lines}
    pools = {(level.sku, level.location): level.on_hand for level in sections.stock}
    units = {item.sku: item.measure for item in sections.items or ()}
    per_line = dict[tuple[OrderId, LineId], int]()
    per_pool = dict[tuple[Sku, Location], int]()
    seen = set[tuple[OrderId, LineId, Location]]()
    for index, allocation in enumerate(sections.allocations):
        key = allocation.order, allocation.line
        line = lines.get(key)
        wrong = partial(
            Fault,
            section="allocations",
            index=index,
            context=line_context(*key, line, allocation.location),
        )
        if line is None:
            reason = "must name an existing order line"
            yield wrong(rule="known-line", field="line", value=allocation.line, reason=reason)
            continue
        if (*key, allocation.location) in seen:
            reason = "must be unique per order line"
            yield wrong(rule="unique", field="location", value=allocation.location, reason=reason)
        seen.add((*key, allocation.location))
        if line.location not in (None, allocation.location):
            yield wrong(
                rule="own-location",
                field="location",
                value=allocation.location,
                reason=f"must be the line's own location {line.location}",
            )
        unit = units.get(line.sku, Unit())
        text = unit.to_text
        wrong = partial(wrong, field="quantity", value=unit.shown(allocation.quantity))
        held = per_line[key] = per_line.get(key, 0) + allocation.quantity
        if held > line.outstanding >= held - allocation.quantity:
            reason = f"{text(held)} allocated of {text(line.outstanding)} outstanding"
            yield wrong(rule="fits-line", reason=f"must fit the line: {reason}")
        pool = line.sku, allocation.location
        there = pools.get(pool, 0)
        taken = per_pool[pool] = per_pool.get(pool, 0) + allocation.quantity
        if taken > there >= taken - allocation.quantity:
            reason = f"{text(taken)} allocated of {text(there)} on hand"
            yield wrong(rule="fits-stock", reason=f"must fit the stock: {reason}")


def _backorder_faults(backorders: Sequence[Backorder]) -> Iterator[Fault]:
    seen = set[tuple[OrderId, LineId]]()
    for index, backorder in enumerate(backorders):
        key = backorder.order, backorder.line
        if key in seen:
            yield Fault(
                rule="unique",
                section="backorders",
                index=index,
                field="line",
                value=backorder.line,
                reason="must be unique per order",
                context=line_context(*key, None),
            )
        seen.add(key)


def _hold_faults(holds: Sequence[Hold], known: set[Sku] | None) -> Iterator[Fault]:
    seen = set[HoldKey]()
    for index, hold in enumerate(holds):
        context = hold_context(hold.id, hold.sku, hold.location)
        if known is not None and hold.sku not in known:
            yield _unknown_sku("holds", index, hold.sku, context)
        if hold.key in seen:
            yield Fault(
                rule="unique",
                section="holds",
                index=index,
                field="location",
                value=hold.location,
                reason="must be unique per hold and SKU",
                context=context,
            )
        seen.add(hold.key)


def _unknown_sku(
    section: str, index: int, sku: Sku, context: str, line: OrderLine | None = None
) -> Fault:
    return Fault(
        rule="known-sku",
        section=section,
        index=index,
        line=line,
        field="sku",
        value=sku,
        reason="must be one of the items",
        context=context,
    )


def line_context(
    order: OrderId, line_id: LineId, line: OrderLine | None, location: Location | None = None
) -> str:
    """Name the order, line, SKU and location that a problem concerns."""
    words = [f"order {order}", f"line {line_id}"]
    if line is not None:
        words.append(f"SKU {line.sku}")
        location = location or line.location
    if location is not None:
        words.append(f"location {location}")
    return ", ".join(words)


def hold_context(hold: str, sku: Sku, location: Location) -> str:
    """Name the hold, SKU and location that a problem concerns."""
    return f"hold {hold}, SKU {sku}, location {location}"
