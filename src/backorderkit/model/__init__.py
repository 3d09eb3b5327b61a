"""Immutable values: what orders, stock, receipts and backorders are."""

from backorderkit.model.backorders import Allocation, Backorder, Promise
from backorderkit.model.holds import Hold
from backorderkit.model.ids import (
    DEFAULT_LOCATION,
    HoldId,
    LineId,
    Location,
    OrderId,
    ReceiptId,
    Sku,
)
from backorderkit.model.items import Item
from backorderkit.model.life_cycles import LIFE_CYCLES, LifeCycle
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LinePosition, Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel, StockPosition
from backorderkit.model.times import read_time, write_time
from backorderkit.model.units import MAX_DECIMALS, MAX_QUANTITY, Unit

__all__ = [
    "DEFAULT_LOCATION",
    "LIFE_CYCLES",
    "MAX_DECIMALS",
    "MAX_QUANTITY",
    "Allocation",
    "Backorder",
    "Hold",
    "HoldId",
    "Item",
    "LifeCycle",
    "LineId",
    "LinePosition",
    "Location",
    "Order",
    "OrderId",
    "OrderLine",
    "Promise",
    "ReceiptId",
    "ScheduledReceipt",
    "Sku",
    "Snapshot",
    "StockLevel",
    "StockPosition",
    "Unit",
    "read_time",
    "write_time",
]
