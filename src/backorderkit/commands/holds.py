"""What a host asks of holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_text,
    check_time,
    check_whole,
    raise_first,
    refuse,
    settle_in_utc,
)
from backorderkit.model.ids import (
    DEFAULT_LOCATION,
    HoldId,
    Location,
    Sku,
)

PoolUnits = tuple[Sku, Location, int]
"""So many units of one SKU at one location."""


def _pool_units(
    given: Mapping[str, int] | Mapping[tuple[str, str], int] | Iterable[tuple[str, str, int]],
) -> tuple[PoolUnits, ...]:
    """Accept units by SKU (all at ``MAIN``), by (SKU, location), or all three side by side."""
    rows: Iterable[object] = given
    if isinstance(given, Mapping):
        rows = [
            (*pool, quantity) if isinstance(pool, tuple) else (pool, DEFAULT_LOCATION, quantity)
            for pool, quantity in given.items()
        ]
    units = dict[tuple[Sku, Location], int]()
    problems: Problems = []
    for row in as_tuple("units", rows):
        if not isinstance(row, tuple) or len(row) != 3:  # noqa: PLR2004 - as named below
            refuse(problems, "units", row, "must be a SKU, a location and a quantity")
            continue
        sku, location, quantity = row
        before = len(problems)
        check_text(problems, "sku", sku)
        check_text(problems, "location", location)
        check_whole(problems, "quantity", quantity, least=1)
        if len(problems) == before:
            # Two lines of a cart are one demand.
            units[sku, location] = units.get((sku, location), 0) + quantity
    for quantity in units.values():
        check_whole(problems, "quantity", quantity, least=1)
    if not (units or problems):
        refuse(problems, "units", given, "must name some units")
    raise_first(problems)
    return tuple((*pool, units[pool]) for pool in sorted(units))


@attrs.frozen(kw_only=True)
class HoldStock:
    """
    Hold exactly these units until a time, if so many are available.

    What the hold had before is its own: asking again changes it, and asking for
    what it has is never refused.  It is refused whole if a pool has not that many
    available beyond what waiting lines get.

    Attributes:
        id: Whose they are: a cart, a quote.
        units: How many of which pool: by SKU (all at ``MAIN``), by (SKU, location), or
            as rows of SKU, location and quantity, where those of one pool add up.
        expires_at: Until when.
    """

    id: HoldId
    units: tuple[PoolUnits, ...] = attrs.field(converter=_pool_units)
    expires_at: datetime

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_text(problems, "id", self.id)
        check_time(problems, "expires_at", self.expires_at)
        raise_first(problems)
        settle_in_utc(self, "expires_at")


@attrs.frozen(kw_only=True)
class ExtendHold:
    """
    Let a hold expire at another time, later or earlier.

    One that has lapsed is held anew, if its units are still available.

    Attributes:
        id: Which.
        expires_at: Until when.
    """

    id: HoldId
    expires_at: datetime

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_text(problems, "id", self.id)
        check_time(problems, "expires_at", self.expires_at)
        raise_first(problems)
        settle_in_utc(self, "expires_at")


@attrs.frozen(kw_only=True)
class ReleaseHold:
    """
    Give back what a hold has; nothing changes if it is not there any more.

    Attributes:
        id: Which.
    """

    id: HoldId

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "id", self.id)
        raise_first(problems)
