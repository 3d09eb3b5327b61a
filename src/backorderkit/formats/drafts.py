"""Collects the records of any document into a snapshot, or all that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, TypeVar

import attrs

from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.formats import fields as f
from backorderkit.formats.about import NOTHING, About, Place, Raw, Touch, touched_by, what_about
from backorderkit.formats.scalars import Read, Scalar, WrongValue, read_whole, readers_of
from backorderkit.model._checks import Problems, check_time
from backorderkit.model._consistency import (
    RESTS_ON,
    Fault,
    LineNumbers,
    Sections,
    faults,
    problem_count,
)
from backorderkit.model.backorders import Allocation, Backorder, Promise
from backorderkit.model.holds import Hold
from backorderkit.model.items import Item
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.model.times import write_time
from backorderkit.model.units import MAX_DECIMALS, MAX_QUANTITY, Unit

_Value = TypeVar("_Value")
RawChildren = Iterable[tuple[int, Raw]]
"""The records inside of a record, each with its number."""


Locate = Callable[[Place, str], str]
"""Writes a place and a field of it in the words of the document."""

# What could not be read is stood in for, so that all the rest is still checked.
# An id out of Unicode's private use area names nothing real.
_BROKEN: Final = "\ue000"
_FINEST: Final = Unit(name="finest", decimals=MAX_DECIMALS)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST: Final = ("on_hand", "ordered")
_USES: Final = frozenset({"shipped", "cancelled"})
_MONEY: Final = {"unit_price", "currency"}


class Drafts:
    """
    The values read so far and the problems found so far.

    Sections must be added in the order items, stock, receipts, orders,
    allocations, backorders, holds, since quantities need their item's decimals.
    """

    def __init__(self, name: str, locate: Locate, *, cells: bool, has_items: bool) -> None:
        """
        Start with nothing.

        Args:
            name: What the document is called in messages.
            locate: How it names its places.
            cells: Whether values are texts of cells, not JSON.
            has_items: Whether the document lists its items.
        """
        self.problems: list[InvalidValueError] = []
        # What each problem touches; None is the whole document.
        self.touches: list[Touch | None] = []
        # The lines of allocations that are left out, since they hang on something wrong.
        self.hanging: list[tuple[str, str]] = []
        self._name = name
        self._locate = locate
        self._cells = cells
        self._items: list[Item] | None = [] if has_items else None
        self._stock: list[StockLevel] = []
        self._receipts: list[ScheduledReceipt] = []
        self._orders: list[Order] = []
        self._allocations: list[Allocation] = []
        self._backorders: list[Backorder] = []
        self._holds: list[Hold] = []
        self._places: dict[str, list[int]] = {section: [] for section in f.SECTIONS}
        # The numbers of all lines, order after order, as the lines stand in it: one long
        # list, since a list for each order would cost more than the order.
        self._numbers: list[int] = []
        self._starts: list[int] = []
        self._renumbered = dict[int, list[int]]()
        self._spoiled = set[int]()
        self._units = dict[str, Unit]()
        # A record is found by what it is: hashing its fields would cost more than reading.
        records = (*f.SECTIONS.values(), *(record for _, record in f.CHILDREN.values()))
        self._readers = {id(record): readers_of(record, cells=cells) for record in records}
        self._lines: dict[tuple[str, str], OrderLine] | None = None
        self._lost = set[str]()
        self._doubled = set[tuple[str, str]]()
        self._stand_ins = set[object]()
        self._further = dict[int, list[tuple[int, OrderLine]]]()

    def refuse(
        self, path: str, field: str, value: object, reason: str, about: About = NOTHING
    ) -> None:
        """Note a problem."""
        words, touch = about
        bad = InvalidValueError(field=field, value=value, reason=reason, path=path, context=words)
        self.add_problem(bad, touch)

    def add_problem(self, problem: InvalidValueError, touch: Touch | None = None) -> None:
        """Note a problem and what it touches; None is the whole document."""
        self.problems.append(problem)
        self.touches.append(touch)

    def lose(self, section: str) -> None:
        """Note that part of a section could not be read, so that its lack proves nothing."""
        self._lost.add(section)

    def add_item(self, index: int, raw: Raw) -> None:
        """Read a record of the section items."""
        unit = self._own_unit(raw)
        item = self._read(Item, f.ITEM, Place("items", index), raw, unit=unit)
        if self._items is not None:
            self._items.append(item)
            self._places["items"].append(index)
            self._units.setdefault(item.sku, unit)

    def add_stock(self, index: int, raw: Raw) -> None:
        """Read a record of the section stock."""
        place = Place("stock", index)
        unit = self._unit_of(raw)
        if unit is _FINEST:
            self.lose("stock")
        self._stock.append(self._read(StockLevel, f.STOCK, place, raw, unit=unit))
        self._places["stock"].append(index)

    def add_receipt(self, index: int, raw: Raw) -> None:
        """Read a record of the section receipts."""
        place = Place("receipts", index)
        receipt = self._read(ScheduledReceipt, f.RECEIPT, place, raw, unit=self._unit_of(raw))
        self._receipts.append(receipt)
        self._places["receipts"].append(index)

    def read_line(self, index: int, child: int, raw: Raw, order: Raw) -> OrderLine:
        """Read a record of the lines of an order."""
        place = Place("orders", index, child)
        return self._read(OrderLine, f.LINE, place, raw, unit=self._unit_of(raw), parent=order)

    def add_order(self, index: int, raw: Raw, lines: list[tuple[int, OrderLine]]) -> int:
        """
        Read a record of the section orders, whose lines are read and numbered already.

        Returns:
            The order's place among all orders, for `extend_order`.
        """
        if len(lines) > 1:
            lines = self._unique(index, raw, lines)

        def make(**read: object) -> Order:
            # The table of fields gives each its type; what mypy cannot see the values check.
            return Order(**read, lines=[line for _, line in lines])  # type: ignore[arg-type]

        before = len(self.problems)
        place = len(self._orders)
        order = self._read(make, f.ORDER, Place("orders", index), raw, unit=_PIECES)
        if len(self.problems) > before:
            self._spoiled.add(place)
        self._orders.append(order)
        self._places["orders"].append(index)
        self._starts.append(len(self._numbers))
        self._numbers += _numbers_in(order, lines)
        return place

    def order_at(self, place: int) -> Order | None:
        """Give an order that was read before; None if something in it could not be read."""
        return None if place in self._spoiled else self._orders[place]

    def line_of(self, place: int) -> int:
        """Tell at which number of the document an order stands."""
        return self._places["orders"][place]

    def extend_order(self, place: int, lines: list[tuple[int, OrderLine]]) -> None:
        """Add further lines to an order that was read before, when all rows are read."""
        self._further.setdefault(place, []).extend(lines)

    def end_orders(self) -> None:
        """Put the further lines where they belong."""
        for place, lines in self._further.items():
            order = self._orders[place]
            together = [*self._numbered(place), *lines]
            index = self._places["orders"][place]
            left = self._unique(index, {"id": order.id}, together)
            try:
                order = attrs.evolve(order, lines=[line for _, line in left])
            except InvalidValueError as error:
                path = self._locate(Place("orders", index), error.field)
                value = write_time(order.placed_at)
                about = About(f"order {order.id}", Touch(frozenset(), frozenset({order.id})))
                self.refuse(path, error.field, value, error.reason, about)
                self.lose("orders")
                continue
            self._orders[place] = order
            self._renumbered[place] = _numbers_in(order, left)
        self._further.clear()

    def _numbered(self, place: int) -> Iterable[tuple[int, OrderLine]]:
        """Give the lines of an order with their numbers."""
        lines = self._orders[place].lines
        numbers = self._renumbered.get(place)
        if numbers is None:
            start = self._starts[place]
            numbers = self._numbers[start : start + len(lines)]
        return zip(numbers, lines, strict=True)

    def _unique(
        self, index: int, raw: Raw, lines: list[tuple[int, OrderLine]]
    ) -> list[tuple[int, OrderLine]]:
        """Refuse and leave out lines whose id stands in the order already."""
        left: list[tuple[int, OrderLine]] = []
        seen = dict[str, OrderLine]()
        for child, line in lines:
            first = seen.setdefault(line.id, line)
            if first is line:
                left.append((child, line))
                continue
            place = Place("orders", index, child)
            own = {"id": line.id, "sku": line.sku, "location": line.location}
            reason = "must be unique in its order"
            words, touch = self.about(place, own, raw)
            if touch is not None:
                touch = Touch(touch.skus | {first.sku}, touch.orders)
            self.refuse(self._locate(place, "id"), "id", line.id, reason, About(words, touch))
            self.lose("orders")
            if isinstance(order := raw.get("id"), str):
                self._doubled.add((order, line.id))
        return left

    def add_allocation(self, index: int, raw: Raw) -> None:
        """Read a record of the section allocations."""
        line = self.line_named(raw)
        unit = self._unit_of_line(line)
        before = len(self.problems)
        place = Place("allocations", index)
        allocation = self._read(Allocation, f.ALLOCATION, place, raw, unit=unit)
        # What hangs on something wrong is left out: it would only add echoes.
        if len(self.problems) > before:
            return
        if self._is_wrong(raw, line):
            self.hanging.append((allocation.order, allocation.line))
        else:
            self._allocations.append(allocation)
            self._places["allocations"].append(index)

    def add_backorder(self, index: int, raw: Raw, promises: RawChildren) -> None:
        """Read a record of the section backorders and the records of its promises."""
        line = self.line_named(raw)
        # The line of a memory may be gone, and then nobody knows its item.
        gone = line is None and "orders" not in self._lost
        unit = self._finest_unit if gone else self._unit_of_line(line)
        made = [
            self._read(
                Promise,
                f.PROMISE,
                Place("backorders", index, child),
                promise,
                unit=unit,
                parent=raw,
            )
            for child, promise in promises
        ]

        def make(**read: object) -> Backorder:
            # As for orders.
            return Backorder(**read, promises=made)  # type: ignore[arg-type]

        place = Place("backorders", index)
        self._backorders.append(self._read(make, f.BACKORDER, place, raw, unit=unit))
        self._places["backorders"].append(index)

    def add_hold(self, index: int, raw: Raw) -> None:
        """Read a record of the section holds."""
        unit = self._unit_of(raw)
        self._holds.append(self._read(Hold, f.HOLD, Place("holds", index), raw, unit=unit))
        self._places["holds"].append(index)

    def finish(self, as_of: datetime | None) -> Snapshot:
        """
        Give the snapshot.

        Raises:
            InvalidInputError: with all problems, if there are any.
        """
        sections = self.report(as_of)
        if self.problems or as_of is None:
            raise self.refusal()
        return Snapshot._of_checked(as_of, sections)  # noqa: SLF001 - all is checked

    def report(self, as_of: datetime | None) -> Sections:
        """Give what was read, and note what does not fit together."""
        sections = Sections(
            items=self._items,
            stock=self._stock,
            receipts=self._receipts,
            orders=self._orders,
            allocations=self._allocations,
            backorders=self._backorders,
            holds=self._holds,
        )
        numbers = LineNumbers(self._numbered)
        for fault in faults(sections):
            if not self._is_echo(fault):
                self.report_fault(fault, sections, numbers)
        if as_of is not None:
            wrong: Problems = []
            check_time(wrong, "as_of", as_of)
            for problem in wrong:
                self.add_problem(problem)
        return sections

    def refusal(self) -> InvalidInputError:
        """Refuse the document with all that is wrong with it."""
        return InvalidInputError(problem_count(self._name, len(self.problems)), self.problems)

    def _read(
        self,
        make: Callable[..., _Value],
        record: f.Record,
        place: Place,
        raw: Raw,
        *,
        unit: Unit,
        parent: Raw | None = None,
    ) -> _Value:
        """Read one record; what is bad in it is noted, and stood in for."""
        readers = self._readers[id(record)]
        read = dict[str, Scalar]()
        bad = dict[str, str]()
        for field in record:
            value = raw.get(field.name)
            if value is not None:
                try:
                    read[field.name] = self._scalar(readers[field.name], field, value, unit)
                except WrongValue as wrong:
                    bad[field.name] = wrong.reason
            elif field.required:
                bad[field.name] = "must be given"
        if bad:
            self._stand_in(read, bad, record, place)
        made = None
        while made is None:
            try:
                made = make(**read)
            except InvalidValueError as error:
                found = {problem.field: problem.reason for problem in error.problems}
                # What only a stand-in provokes is known already, and what it clashes with goes.
                clashes = _USES & read.keys() if found.keys() <= bad.keys() else frozenset()
                bad = found | bad
                self._stand_in(read, bad.keys() | clashes, record, place)
        if "ordered" in bad and _USES & read.keys():
            # What was used of a quantity that nobody knows says nothing about the rest.
            made = make(**{name: value for name, value in read.items() if name not in _USES})
        for name in (field.name for field in record if field.name in bad):
            about = self.about(place, raw, parent, bad)
            self.refuse(self._locate(place, name), name, raw.get(name), bad[name], about)
        return made

    def _scalar(self, reader: Read, field: f.Field, value: object, unit: Unit) -> Scalar:
        read = reader(value, unit)
        if unit is _FINEST and isinstance(read, int) and field.kind == "quantity":
            # Nobody knows how fine the item is; only what is too much in pieces is too much.
            return min(read, max(MAX_QUANTITY, read // _FINEST.to_smallest(1)))
        return read

    def _stand_in(
        self, read: dict[str, Scalar], bad: Iterable[str], record: f.Record, place: Place
    ) -> None:
        bad = set(bad)
        if bad & _MONEY:
            bad |= _MONEY
        for field in record:
            if field.name not in bad:
                continue
            if field.kind == "id" and field.name != "currency":
                read[field.name] = stand_in = f"{_BROKEN}{place.entry}/{place.child}"
                self._stand_ins.add(stand_in)
                self.lose(place.section)
            elif not field.required:
                read.pop(field.name, None)
            elif field.kind == "time":
                read[field.name] = _EPOCH
            else:
                read[field.name] = MAX_QUANTITY if field.name in _LARGEST else 1

    def about(
        self, place: Place, raw: Raw, parent: Raw | None = None, bad: Collection[str] = ()
    ) -> About:
        """Tell what a record is about; *parent* is the one it stands in, *bad* its bad fields."""
        line = None
        if place.section in ("allocations", "backorders"):
            line = self.line_named(raw if parent is None else parent)
            if line is not None and line.sku in self._stand_ins:
                line = None
        return what_about(place, raw, parent, line=line, stand_ins=self._stand_ins, bad=bad)

    def is_stand_in(self, id_: object) -> bool:
        """Tell whether an id stands for one that could not be read."""
        return id_ in self._stand_ins

    @cached_property
    def _finest_unit(self) -> Unit:
        return finest_unit(self._items)

    def _unit_of(self, raw: Raw) -> Unit:
        if self._items is None:
            return _PIECES
        sku = raw.get("sku")
        return self._units.get(sku, _FINEST) if isinstance(sku, str) else _FINEST

    def _own_unit(self, raw: Raw) -> Unit:
        try:
            decimals = read_whole(raw.get("decimals") or 0, cell=self._cells)
        except WrongValue:
            return _FINEST
        return Unit(decimals=decimals) if 0 <= decimals <= MAX_DECIMALS else _FINEST

    def _unit_of_line(self, line: OrderLine | None) -> Unit:
        return _FINEST if line is None else self._unit_of({"sku": line.sku})

    def _is_wrong(self, raw: Raw, line: OrderLine | None) -> bool:
        """Tell whether what a record says of its line cannot be judged."""
        if line is None:
            return _key_of(raw) in self._doubled
        return (
            line.sku in self._stand_ins
            or line.location in self._stand_ins
            or self._unit_of({"sku": line.sku}) is _FINEST
        )

    def line_named(self, raw: Raw) -> OrderLine | None:
        """Give the line that a record names; None if there is none, or more than one."""
        if self._lines is None:
            self._lines = {}
            for order in self._orders:
                for line in order.lines:
                    key: tuple[str, str] = (order.id, line.id)
                    if key in self._lines:
                        self._doubled.add(key)
                    self._lines[key] = line
            # Nobody knows which of two lines of one name is meant.
            for key in self._doubled:
                self.lose("orders")
                self._lines.pop(key, None)
        named = _key_of(raw)
        return None if named is None else self._lines.get(named)

    def report_fault(self, fault: Fault, sections: Sections, numbers: LineNumbers) -> None:
        """Note what does not fit together."""
        child = None if fault.line is None else numbers.of(fault.index, fault.line)
        place = Place(fault.section, self._places[fault.section][fault.index], child)
        context = "" if self._stand_ins and _BROKEN in fault.context else fault.context
        path = self._locate(place, fault.field)
        entry: object = getattr(sections, fault.section)[fault.index]
        touch = touched_by(fault, entry, self.line_named, self._skus_by_receipt)
        self.refuse(path, fault.field, fault.value, fault.reason, About(context, touch))

    @cached_property
    def _skus_by_receipt(self) -> dict[str, set[str]]:
        found = dict[str, set[str]]()
        for receipt in self._receipts:
            found.setdefault(receipt.id, set()).add(receipt.sku)
        return found

    def _is_echo(self, fault: Fault) -> bool:
        """Tell whether a fault may only follow from what could not be read."""
        if fault.value in self._stand_ins:
            return True
        return RESTS_ON.get(fault.rule) in self._lost


_PIECES: Final = Unit()


def finest_unit(items: Iterable[Item] | None) -> Unit:
    """Give a unit as fine as the finest of some items: for quantities of nobody knows what."""
    return Unit(decimals=max((item.decimals for item in items or ()), default=0))


def _numbers_in(order: Order, lines: list[tuple[int, OrderLine]]) -> list[int]:
    """Put the numbers of lines in the order in which they stand."""
    if len(lines) < 2:  # noqa: PLR2004 - nothing to sort
        return [number for number, _ in lines]
    numbers = {id(line): number for number, line in lines}
    return [numbers[id(line)] for line in order.lines]


def _key_of(raw: Raw) -> tuple[str, str] | None:
    order, line = raw.get("order"), raw.get("line")
    return (order, line) if isinstance(order, str) and isinstance(line, str) else None
