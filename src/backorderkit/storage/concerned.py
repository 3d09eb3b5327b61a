"""Which orders a load gives: a SKU that was sold for years must load as fast as a new one."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from backorderkit.model._consistency import Sections
from backorderkit.model.ids import OrderId, Sku
from backorderkit.model.orders import Order
from backorderkit.model.snapshot import LineKey, Snapshot


def without_closed(
    snapshot: Snapshot, skus: AbstractSet[Sku], named: AbstractSet[OrderId]
) -> Snapshot:
    """
    Leave out orders that no command on these SKUs can change, but for those that are named.

    An order stays if a line of these SKUs is outstanding, or is still known as
    waiting.  O(lines).
    """
    waiting = {(each.order, each.line) for each in snapshot.backorders}
    orders = [
        order for order in snapshot.orders if order.id in named or _is_open(order, skus, waiting)
    ]
    needed = skus | {line.sku for order in orders for line in order.lines}
    items = snapshot.items
    sections = Sections(
        items=None if items is None else [item for item in items if item.sku in needed],
        stock=snapshot.stock,
        receipts=snapshot.receipts,
        orders=orders,
        allocations=snapshot.allocations,
        backorders=snapshot.backorders,
        holds=snapshot.holds,
    )
    # What is left out is named by nothing else.
    return Snapshot._of_checked(snapshot.as_of, sections)  # noqa: SLF001 - as above


def _is_open(order: Order, skus: AbstractSet[Sku], waiting: AbstractSet[LineKey]) -> bool:
    return any(
        line.sku in skus and (line.outstanding > 0 or (order.id, line.id) in waiting)
        for line in order.lines
    )
