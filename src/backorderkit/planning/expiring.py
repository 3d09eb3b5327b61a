"""What nobody wants any more when its time is over."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from backorderkit.changes import Cancelled
from backorderkit.model.ids import Sku
from backorderkit.planning.grounds import Ground

_Source = TypeVar("_Source")


def expired_lines(ground: Ground[_Source], skus: Collection[Sku]) -> tuple[Cancelled, ...]:
    """
    Cancel what lines of some SKUs wait for after the moment till which they want it.

    O(lines of the SKUs) on a book; what is allocated stays.
    """
    gone = [
        Cancelled(order=order.id, line=line.id, quantity=waiting, expired=True)
        for order, line, waiting in ground.waiting_lines(skus)
        if line.cancel_after is not None and line.cancel_after < ground.as_of
    ]
    return tuple(sorted(gone, key=lambda each: (each.order, each.line)))
