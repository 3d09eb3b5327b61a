"""All that quotas and protections say of a plan's lines, SKU by SKU."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from backorderkit.model.ids import Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.planning.protected import ProtectionPlan
from backorderkit.planning.quota_rooms import QuotaPlan
from backorderkit.planning.restricting import Restriction
from backorderkit.planning.told import day_of
from backorderkit.policies.protections import Protection
from backorderkit.policies.quotas import Quota


class Limits:
    """
    Quotas and protections, made ready for one plan.

    Make it once for a plan and ask it for each SKU: which values fall under which entry
    is found once for all of them.
    """

    __slots__ = ("_protections", "_quotas")

    def __init__(
        self, quotas: Iterable[Quota], protections: Iterable[Protection], *, as_of: datetime
    ) -> None:
        """Take them, and the moment of the plan."""
        today = day_of(as_of)
        self._quotas = [QuotaPlan(each, today) for each in quotas]
        self._protections = ProtectionPlan(list(protections), today)

    def restrictions_of(
        self, sku: Sku, orders: Sequence[Order], lines: Sequence[OrderLine], kept: Sequence[int]
    ) -> list[Restriction]:
        """
        Give the restrictions that concern some line of a SKU, each quota by itself.

        O(lines x quotas).

        Args:
            sku: Whose lines they are.
            orders: The order of each line.
            lines: All lines of the SKU that have or want units; a slot is a place in them.
            kept: What each has allocated already, and keeps.
        """
        found: list[Restriction] = []
        for quota in self._quotas:
            rooms = quota.rooms_of(sku, orders, lines, kept)
            if rooms is not None:
                found.append(rooms)
        protected = self._protections.rooms_of(sku, orders, lines, kept)
        if protected is not None:
            found.append(protected)
        return found


def restrictions_of(
    quotas: Iterable[Quota],
    protections: Iterable[Protection],
    *,
    sku: Sku,
    orders: Sequence[Order],
    lines: Sequence[OrderLine],
    kept: Sequence[int],
    as_of: datetime,
) -> list[Restriction]:
    """Give the restrictions of one SKU alone, see `Limits`."""
    return Limits(quotas, protections, as_of=as_of).restrictions_of(sku, orders, lines, kept)
