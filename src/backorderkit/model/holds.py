"""Soft reservations: units that are kept for somebody until a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from backorderkit.model._checks import (
    Problems,
    check_text,
    check_time,
    check_whole,
    raise_first,
    require_time,
    settle_in_utc,
)
from backorderkit.model.ids import DEFAULT_LOCATION, HoldId, Location, Sku
from backorderkit.model.life_cycles import HoldStatus

HoldKey = tuple[HoldId, Sku, Location]
"""What names one hold of a snapshot: a cart may hold units of several pools."""


@attrs.frozen(kw_only=True)
class Hold:
    """
    Units that are kept for somebody who has not ordered yet, until a time.

    Nobody else gets them before.  From that time on they are as free as if there
    were no hold, even if it is still in the snapshot.  A hold is a claim on units,
    not the units: a snapshot may hold more than there is.

    Attributes:
        id: Whose it is: a cart, a quote.  Unique with SKU and location.
        sku: What is held.
        location: Where.
        quantity: How much, in smallest units.
        expires_at: From when on it counts nothing.

    >>> from backorderkit.model.times import read_time
    >>> hold = Hold(
    ...     id=HoldId("cart-7"), sku=Sku("MUG"), quantity=2, expires_at=read_time("2026-01-05")
    ... )
    >>> hold.has_lapsed(as_of=read_time("2026-01-04")), hold.has_lapsed(as_of=hold.expires_at)
    (False, True)
    """

    id: HoldId
    sku: Sku
    location: Location = DEFAULT_LOCATION
    quantity: int
    expires_at: datetime

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_text(problems, "id", self.id)
        check_text(problems, "sku", self.sku)
        check_text(problems, "location", self.location)
        check_whole(problems, "quantity", self.quantity, least=1)
        check_time(problems, "expires_at", self.expires_at)
        raise_first(problems)
        settle_in_utc(self, "expires_at")

    def has_lapsed(self, *, as_of: datetime) -> bool:
        """
        Tell whether it counts nothing any more.

        Raises:
            InvalidValueError: if *as_of* is no time, or naive.
        """
        require_time("as_of", as_of)
        return self.expires_at <= as_of

    def status(self, *, as_of: datetime) -> HoldStatus:
        """
        Say how it stands, by the life cycle of holds.

        Raises:
            InvalidValueError: as `has_lapsed` does.
        """
        return "lapsed" if self.has_lapsed(as_of=as_of) else "active"

    @property
    def key(self) -> HoldKey:
        """What names it in a snapshot."""
        return self.id, self.sku, self.location


def held_by_pool(holds: Iterable[Hold], as_of: datetime) -> dict[tuple[Sku, Location], int]:
    """Sum up what is held of each pool at a moment."""
    held = dict[tuple[Sku, Location], int]()
    for hold in holds:
        if hold.expires_at > as_of:
            pool = hold.sku, hold.location
            held[pool] = held.get(pool, 0) + hold.quantity
    return held
