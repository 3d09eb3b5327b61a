"""Buffers: percentages of the stock that nobody gets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, get_args

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, check_text, raise_first, refuse
from backorderkit.model.ids import Location, Sku
from backorderkit.policies.grouping import check_names, skus_of
from backorderkit.policies.keys import names_of
from backorderkit.policies.percents import Percent, check_percent, units_up

BufferOf = Literal["on-hand", "receipts", "both"]
"""What a buffer is a part of."""

_BUFFERS_OF: Final[tuple[BufferOf, ...]] = get_args(BufferOf)


def _locations(given: Iterable[Location] | None) -> frozenset[Location] | None:
    if given is None:
        return None
    named = names_of("locations", given)
    for each in named:
        if not isinstance(each, str):
            reason = "must be a non-empty string"
            raise InvalidValueError(field="locations", value=each, reason=reason)
    return frozenset(map(Location, named))


@attrs.frozen(kw_only=True)
class Buffer:
    """
    A percentage that is withheld because counts and suppliers are not to be trusted.

    It is taken of what lies in a pool, of what a receipt brings, or of both, each
    rounded up to whole units.  For each pool one buffer counts, the one that says
    most about it; see `withheld`.

    Attributes:
        name: What people call it.
        percent: From 0 to 100: a whole number, a Decimal or a Fraction.
        of: ``"on-hand"`` (the default, since the stock is what is sold now),
            ``"receipts"`` or ``"both"``.
        skus: Of which SKUs; None is all.
        locations: Where; None is everywhere.

    Raises:
        InvalidValueError: naming all that is wrong.

    >>> withheld([Buffer(name="counts", percent=10)], Sku("MUG"), Location("MAIN"), 100, "on-hand")
    10
    """

    name: str
    percent: Percent
    of: BufferOf = "on-hand"
    skus: frozenset[Sku] | None = attrs.field(default=None, converter=skus_of)
    locations: frozenset[Location] | None = attrs.field(default=None, converter=_locations)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no percentage, and names that name nothing."""
        problems: Problems = []
        check_text(problems, "name", self.name)
        check_percent(problems, "percent", self.percent)
        if self.of not in _BUFFERS_OF:
            refuse(problems, "of", self.of, f"must be one of {', '.join(_BUFFERS_OF)}")
        check_names(problems, "skus", self.skus)
        check_names(problems, "locations", self.locations)
        raise_first(problems)

    def concerns(self, sku: Sku, location: Location, what: Literal["on-hand", "receipts"]) -> bool:
        """Tell whether it says anything of a pool."""
        return (
            self.of in {what, "both"}
            and (self.skus is None or sku in self.skus)
            and (self.locations is None or location in self.locations)
        )

    def units(self, quantity: int) -> int:
        """
        Give how many of so many units it withholds, rounded up.

        >>> Buffer(name="counts", percent=10).units(11)
        2
        """
        return units_up(self.percent, quantity) if quantity > 0 else 0


def buffer_of(
    buffers: Iterable[Buffer],
    sku: Sku,
    location: Location,
    what: Literal["on-hand", "receipts"],
) -> Buffer | None:
    """
    Give the buffer that counts for a pool, or None.

    One that names SKU and location goes before one that names the SKU, that before
    one that names the location, and that before one for all; of two alike the first
    one counts.  O(buffers).
    """
    found: Buffer | None = None
    closest = -1
    for each in buffers:
        closeness = 2 * (each.skus is not None) + (each.locations is not None)
        if closeness > closest and each.concerns(sku, location, what):
            found, closest = each, closeness
    return found


def withheld(
    buffers: Iterable[Buffer],
    sku: Sku,
    location: Location,
    quantity: int,
    what: Literal["on-hand", "receipts"],
) -> int:
    """
    Say how many units of a pool, or of a receipt, are withheld.

    A buffer of 0 per cent that names a SKU so frees it from one that names none.
    O(buffers).

    Args:
        buffers: All of them; for the closest, see `buffer_of`.
        sku: Of the pool.
        location: Of the pool.
        quantity: How many units lie there, or arrive.
        what: Whether they lie there, ``"on-hand"``, or arrive, ``"receipts"``.

    >>> rules = [
    ...     Buffer(name="all", percent=10),
    ...     Buffer(name="glass breaks", percent=25, skus=[Sku("GLASS")]),
    ... ]
    >>> withheld(rules, Sku("GLASS"), Location("MAIN"), 10, "on-hand")
    3
    """
    buffer = buffer_of(buffers, sku, location, what)
    return 0 if buffer is None else buffer.units(quantity)
