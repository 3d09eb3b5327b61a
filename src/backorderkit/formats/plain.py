"""Collects the records of a plain document into a snapshot, block by block."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from backorderkit.formats import fields as f
from backorderkit.formats.columns import ColumnReader, Columns, NotPlain, Units
from backorderkit.formats.drafts import finest_unit
from backorderkit.formats.wholes import Parts, Wholes
from backorderkit.model._bulk import each_of, lines_of, orders_of
from backorderkit.model._checks import Problems, check_time
from backorderkit.model._consistency import Sections, faults
from backorderkit.model.backorders import Allocation, Backorder, Promise
from backorderkit.model.holds import Hold
from backorderkit.model.ids import LineId
from backorderkit.model.items import Item
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.model.units import Unit

_DECIMALS: Final = tuple(field for field in f.ITEM if field.name == "decimals")


class PlainDraft:
    """
    The values read so far.

    Sections must be added in the order items, stock, receipts, orders,
    allocations, backorders, holds, since quantities need their item's decimals.
    """

    def __init__(self, *, cells: bool, has_items: bool) -> None:
        """Start with nothing; *cells* tells whether values are texts of cells, not JSON."""
        self._reader = ColumnReader(cells=cells)
        self._items: list[Item] | None = [] if has_items else None
        self._stock: list[StockLevel] = []
        self._receipts: list[ScheduledReceipt] = []
        self._orders: Wholes[Order, OrderLine] = Wholes(orders_of, "lines", f.ORDER)
        self._allocations: list[Allocation] = []
        self._backorders: Wholes[Backorder, Promise] = Wholes(
            partial(each_of, Backorder), "promises", f.BACKORDER
        )
        self._holds: list[Hold] = []
        self._units = dict[object, Unit]()
        # Only what is not counted in pieces makes it worth looking an item up.
        self._in_pieces = True
        self._orders_by_id: dict[object, Order] | None = None

    def add_items(self, columns: Columns) -> None:
        """Read records of the section items."""
        decimals = self._reader.read(_DECIMALS, columns).get("decimals")
        units = None if decimals is None else each_of(Unit, {"decimals": decimals})
        items = each_of(Item, self._reader.read(f.ITEM, columns, units))
        self._items = [*(self._items or ()), *items]
        self._units.update((item.sku, item.measure) for item in items)
        self._in_pieces = self._in_pieces and units is None

    def add_stock(self, columns: Columns) -> None:
        """Read records of the section stock."""
        units = self._units_of(columns["sku"])
        self._stock += each_of(StockLevel, self._reader.read(f.STOCK, columns, units))

    def add_receipts(self, columns: Columns) -> None:
        """Read records of the section receipts."""
        units = self._units_of(columns["sku"])
        self._receipts += each_of(ScheduledReceipt, self._reader.read(f.RECEIPT, columns, units))

    def lines(self, columns: Columns) -> list[OrderLine]:
        """Read records of the lines of orders."""
        units = self._units_of(columns["sku"])
        return lines_of(self._reader.read(f.LINE, columns, units))

    def add_orders(self, columns: Columns, lines: Parts[OrderLine], *, apart: bool = False) -> None:
        """Read records of the section orders, given their lines; *apart* if these may lie apart."""
        read = self._reader.read(f.ORDER, columns)
        if apart:
            self._orders.gather(read, lines, read["id"])
        else:
            self._orders.add(read, lines)

    def add_allocations(self, columns: Columns) -> None:
        """Read records of the section allocations."""
        units = None if self._in_pieces else self._units_of_lines(columns, None)
        self._allocations += each_of(Allocation, self._reader.read(f.ALLOCATION, columns, units))

    def units_of_backorders(self, columns: Columns) -> Units:
        """Give the units in which backorders and their promises are counted."""
        if self._in_pieces:
            return None
        # The line of a memory may be gone, and then nobody knows its item.
        return self._units_of_lines(columns, finest_unit(self._items))

    def promises(self, columns: Columns, units: Units) -> list[Promise]:
        """Read records of the promises of backorders."""
        return each_of(Promise, self._reader.read(f.PROMISE, columns, units))

    def add_backorders(
        self, columns: Columns, units: Units, promises: Parts[Promise], *, apart: bool = False
    ) -> None:
        """Read records of the section backorders, as those of the orders are read."""
        read = self._reader.read(f.BACKORDER, columns, units)
        if apart:
            keys = list(zip(read["order"], read["line"], strict=True))
            self._backorders.gather(read, promises, keys)
        else:
            self._backorders.add(read, promises)

    def add_holds(self, columns: Columns) -> None:
        """Read records of the section holds."""
        units = self._units_of(columns["sku"])
        self._holds += each_of(Hold, self._reader.read(f.HOLD, columns, units))

    def finish(self, as_of: datetime | None) -> Snapshot:
        """
        Give the snapshot.

        Raises:
            NotPlain: if the values do not fit together, or the time is none.
        """
        problems: Problems = []
        check_time(problems, "as_of", as_of)
        sections = Sections(
            items=self._items,
            stock=self._stock,
            receipts=self._receipts,
            orders=self._orders.finish(),
            allocations=self._allocations,
            backorders=self._backorders.finish(),
            holds=self._holds,
        )
        if as_of is None or problems or any(True for _ in faults(sections)):
            raise NotPlain
        return Snapshot._of_checked(as_of, sections)  # noqa: SLF001 - all is checked

    def _units_of(self, skus: Sequence[object]) -> Units:
        if self._in_pieces:
            return None
        try:
            return [self._units[sku] for sku in skus]
        except (KeyError, TypeError):
            raise NotPlain from None

    def _units_of_lines(self, columns: Columns, instead: Unit | None) -> list[Unit]:
        """Give the units of lines by their keys; *instead* for lines that are not there."""
        units = list[Unit]()
        for order, line in zip(columns["order"], columns["line"], strict=True):
            named = self._line(order, line)
            unit = instead if named is None else self._units.get(named.sku)
            if unit is None:
                raise NotPlain
            units.append(unit)
        return units

    def _line(self, order_id: object, line_id: object) -> OrderLine | None:
        if type(order_id) is not str or type(line_id) is not str:
            raise NotPlain
        if self._orders_by_id is None:
            self._orders_by_id = {order.id: order for order in self._orders.finish()}
        order = self._orders_by_id.get(order_id)
        return None if order is None else order.find_line(LineId(line_id))
