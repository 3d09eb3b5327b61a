"""What a caller is told: how much, when, from where; for one line, a basket, a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import attrs

from backorderkit.model._checks import Problems, check_time, check_whole, raise_first
from backorderkit.model.ids import Location, ReceiptId, Sku

SupplyKind = Literal["stock", "receipt", "purchase"]
"""Where units of a quote come from: what is on hand, what is expected, what can be bought."""

ShownKind = Literal["in_stock", "coming", "can_be_bought", "none_known"]
"""What a shop says of a product."""


@attrs.frozen(kw_only=True)
class QuotePart:
    """
    Units that can be had together.

    Attributes:
        quantity: How many, in smallest units.
        at: When: not before they are wanted.
        supply: From what the last of them comes.
        receipt: From which receipt the last of them comes, if from one.
    """

    quantity: int
    at: datetime
    supply: SupplyKind
    receipt: ReceiptId | None = None


@attrs.frozen(kw_only=True)
class Quote:
    """
    What can be promised to one line that is not placed yet.

    Attributes:
        sku: Of what.
        location: From where; None is from anywhere.
        wanted: How many units were asked for, in smallest units.
        parts: What can be had when, by time.
        denied: Whether the item takes no backorders: an order for more than is there now
            would be refused, whatever is to come.
    """

    sku: Sku
    location: Location | None
    wanted: int
    parts: tuple[QuotePart, ...]
    denied: bool = False

    @property
    def promised(self) -> int:
        """How many units can be promised; more than wanted where parts have a minimum."""
        return sum(part.quantity for part in self.parts)

    @property
    def short(self) -> int:
        """How many units nobody can promise."""
        return max(0, self.wanted - self.promised)

    @property
    def complete_at(self) -> datetime | None:
        """When all of it can be had; None if never."""
        return None if self.short else self.parts[-1].at


@attrs.frozen(kw_only=True)
class BasketQuote:
    """
    What can be promised to lines that ship together.

    Attributes:
        at: When all of them can be had; None if never.
        location: From where all of them ship, if they must ship from one place.
        quotes: What each can have when by itself, by SKU.
    """

    at: datetime | None
    location: Location | None
    quotes: tuple[Quote, ...]

    @property
    def late(self) -> tuple[Sku, ...]:
        """Which SKUs keep the others waiting, or are short."""
        return tuple(
            quote.sku
            for quote in self.quotes
            if quote.complete_at is None or quote.complete_at == self.at
        )


@attrs.frozen(kw_only=True)
class Shown:
    """
    What a shop shows of a product.

    Attributes:
        sku: Of what.
        kind: ``"in_stock"``, ``"coming"``, ``"can_be_bought"`` or ``"none_known"``.
        now: How many units can be had now, in smallest units.
        more: How many more come next; 0 if none are known, or more can be bought.
        more_at: When they come, or when more can be bought.
        denied: Whether the item takes no backorders.
    """

    sku: Sku
    kind: ShownKind
    now: int
    more: int = 0
    more_at: datetime | None = None
    denied: bool = False


@attrs.frozen(kw_only=True)
class Wish:
    """
    What a caller wants of one SKU.

    Attributes:
        quantity: How many units, in smallest units.
        wanted: Not before then; None is at once.
        latest: What comes later is of no use; None is whenever.
        minimum: No part is smaller than this, the last one included; a quantity below it
            becomes as much.
    """

    quantity: int
    wanted: datetime | None = None
    latest: datetime | None = None
    minimum: int = 1

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_whole(problems, "quantity", self.quantity, least=1)
        check_whole(problems, "minimum", self.minimum, least=1)
        for field in ("wanted", "latest"):
            if getattr(self, field) is not None:
                check_time(problems, field, getattr(self, field))
        raise_first(problems)

    @property
    def total(self) -> int:
        """How many units it takes: the quantity, or one part."""
        return max(self.quantity, self.minimum)


Chance = tuple[datetime, int, SupplyKind, ReceiptId | None]
"""So many units in all can be had from then on, the last of them from there."""


def with_purchase(wish: Wish, chances: Sequence[Chance], bought: datetime) -> Sequence[Chance]:
    """
    Let what no supply covers be bought: that much more can be had from then on.

    Args:
        wish: What is wanted.
        chances: By time.
        bought: When it is there if it is bought now.
    """
    in_time = [units for at, units, *_ in chances if wish.latest is None or at <= wish.latest]
    missing = wish.total - (in_time[-1] if in_time else 0)
    if missing <= 0:
        return chances
    before = [chance for chance in chances if chance[0] <= bought]
    there = before[-1][1] if before else 0
    after = [
        (at, units + missing, supply, receipt)
        for at, units, supply, receipt in chances[len(before) :]
    ]
    return [*before, (bought, there + missing, "purchase", None), *after]


def parts_of(wish: Wish, chances: Iterable[Chance]) -> tuple[QuotePart, ...]:
    """
    Take what is wanted as early as possible, in parts that are large enough.

    A part leaves nothing behind that is too small to be one: of 15 now and 5 later, with a
    minimum of 11, all 20 wait.

    Args:
        wish: What is wanted.
        chances: By time, the quantity never falling.
    """
    taken = 0
    parts: list[QuotePart] = []
    for at, available, supply, receipt in chances:
        if wish.wanted is not None:
            at = max(at, wish.wanted)  # noqa: PLW2901 - nobody wants it sooner
        if wish.latest is not None and at > wish.latest:
            break
        left = wish.total - taken
        units = min(available - taken, left)
        if 0 < left - units < wish.minimum:
            units = left - wish.minimum
        if units < wish.minimum:
            continue
        taken += units
        if parts and parts[-1].at == at:
            units += parts.pop().quantity
        parts.append(QuotePart(quantity=units, at=at, supply=supply, receipt=receipt))
        if taken == wish.total:
            break
    return tuple(parts)
