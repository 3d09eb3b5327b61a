"""Whether what an event brings to a book fits; what it leaves alone is not looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backorderkit.model._consistency import Sections, raise_faults
from backorderkit.model.backorders import Allocation
from backorderkit.model.holds import Hold
from backorderkit.model.ids import Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import Order
from backorderkit.model.stock import ScheduledReceipt, StockLevel


def check_fits(
    items: Mapping[Sku, Item] | None,
    *,
    orders: Sequence[Order] = (),
    stock: Sequence[StockLevel] | None = None,
    receipts: Sequence[ScheduledReceipt] = (),
    allocations: Sequence[Allocation] = (),
    holds: Sequence[Hold] = (),
) -> None:
    """
    Refuse what does not fit together; the stock is not looked at if it is None.

    Raises:
        InvalidInputError: with everything that does not fit.
    """
    listed = None
    if items is not None:
        named = {each.sku for part in (stock or (), receipts, holds) for each in part}
        named.update(line.sku for order in orders for line in order.lines)
        listed = [items[sku] for sku in named if sku in items]
    sections = Sections(
        items=listed,
        stock=stock or (),
        receipts=receipts,
        orders=orders,
        allocations=allocations,
        backorders=(),
        holds=holds,
    )
    raise_faults(sections, [], {} if stock is not None else {"stock": []})
