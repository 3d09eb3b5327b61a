"""Keys for `Ranked` that go by money: exact, and never across currencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import ClassVar, Final, Literal, TypeAlias, get_args

import attrs

from backorderkit.model._checks import Problems, as_tuple, check_text, raise_first, refuse
from backorderkit.model._exact import EXACT
from backorderkit.model.ids import Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import OrderLine
from backorderkit.policies.keys import names_of, places_of
from backorderkit.policies.protocol import Demand

FirstWorth = Literal["highest", "lowest"]
"""Which value is served first."""

WorthKey: TypeAlias = tuple[int, Decimal]
"""The place of the currency, and the value or its opposite."""

_FIRST_WORTHS: Final[tuple[FirstWorth, ...]] = get_args(FirstWorth)
_NOTHING: Final = Decimal(0)


def _currencies(given: Iterable[str]) -> tuple[str, ...]:
    return names_of("currencies", given)


def _items(given: Iterable[Item]) -> tuple[Item, ...]:
    return as_tuple("items", given)


@attrs.frozen(kw_only=True)
class _ByWorth:
    currencies: tuple[str, ...] = attrs.field(converter=_currencies)
    first: FirstWorth = "highest"
    _places: Mapping[str, int] = attrs.field(init=False, repr=False, eq=False)

    ignores_quantity: ClassVar[bool] = False

    def __attrs_post_init__(self) -> None:
        """Refuse a direction that there is not, and currencies that rank nothing."""
        problems: Problems = []
        if not self.currencies:
            refuse(problems, "currencies", self.currencies, "must name one at least")
        places = places_of(problems, "currencies", self.currencies)
        for name in places:
            check_text(problems, "currencies", name)
        if self.first not in _FIRST_WORTHS:
            refuse(problems, "first", self.first, f"must be one of {', '.join(_FIRST_WORTHS)}")
        raise_first(problems)
        object.__setattr__(self, "_places", places)

    def _place_of(self, line: OrderLine) -> int:
        """Give the place of the line's currency; behind all if there is no price in one of them."""
        last = len(self.currencies)
        if line.currency is None or line.unit_price is None:
            return last
        return self._places.get(line.currency, last)

    def _directed(self, worth: Decimal) -> Decimal:
        return worth if self.first == "lowest" else EXACT.minus(worth)


@attrs.frozen(kw_only=True)
class ByLineValue(_ByWorth):
    """
    Ranks by what a line is worth: unit price x (ordered - cancelled).

    What was shipped or allocated counts still: otherwise shipping would change who is
    next.  Values are compared within a currency only.

    Args:
        currencies: The currencies in the order in which they are served.  Lines in
            another, or without a price, come last.
        first: ``"highest"`` or ``"lowest"``.

    Raises:
        InvalidValueError: if no currency is named, one is no text or comes twice, or
            *first* is neither.

    >>> ByLineValue(currencies=["EUR"])(Demand.of("A", claim=1))
    (1, Decimal('0'))
    """

    def __call__(self, demand: Demand, /) -> WorthKey:
        """Give the place of the currency, and the value within it."""
        place = self._place_of(demand.line)
        if place == len(self.currencies):
            return place, _NOTHING
        return place, self._directed(_worth_of(demand.line))


@attrs.frozen(kw_only=True)
class ByOrderValue(_ByWorth):
    """
    Ranks by what the whole order is worth: unit price x (ordered - cancelled) of its lines.

    An order counts in the first of the currencies that one of its lines is priced in;
    lines in others, and such without a price, add nothing.  It looks at all lines of an
    order for each of them, O(lines of the order).

    Args:
        currencies: The currencies in the order in which they are served.  Orders in
            others, or without any price, come last.
        first: ``"highest"`` or ``"lowest"``.
        items: Items that are counted in parts of a unit, such as kg with three
            decimals; SKUs that are not among them count whole units.

    Raises:
        InvalidValueError: if no currency is named, one is no text or comes twice,
            *first* is neither, or an item is none.

    >>> ByOrderValue(currencies=["EUR"])(Demand.of("A", claim=1))
    (1, Decimal('0'))
    """

    items: tuple[Item, ...] = attrs.field(default=(), converter=_items, repr=False)
    _decimals: Mapping[Sku, int] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no item, besides what ranks nothing."""
        super().__attrs_post_init__()
        problems: Problems = []
        for index, item in enumerate(self.items):
            if not isinstance(item, Item):
                refuse(problems, "items", item, "must be an item", f"items[{index}]")
        raise_first(problems)
        decimals = {item.sku: item.decimals for item in self.items if item.decimals}
        object.__setattr__(self, "_decimals", decimals)

    def __call__(self, demand: Demand, /) -> WorthKey:
        """Give the place of the currency, and the value within it."""
        lines = demand.order.lines
        place = min(map(self._place_of, lines), default=len(self.currencies))
        if place == len(self.currencies):
            return place, _NOTHING
        worth = _NOTHING
        for line in lines:
            if self._place_of(line) == place:
                parts = self._decimals.get(line.sku, 0)
                worth = EXACT.add(worth, EXACT.scaleb(_worth_of(line), -parts))
        return place, self._directed(worth)


def _worth_of(line: OrderLine) -> Decimal:
    # A price is that of a unit: within one SKU that scales all lines alike.
    price = line.unit_price or _NOTHING
    return EXACT.multiply(price, Decimal(line.claim))
