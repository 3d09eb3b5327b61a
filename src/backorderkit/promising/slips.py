"""What moves when receipts move: the units of lines, their money, and the sums of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal, TypeVar

import attrs

from backorderkit.model._exact import EXACT
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.units import Unit
from backorderkit.planning.moved_promises import Move

SlipKind = Literal["lost", "later", "earlier", "gained"]
"""What becomes of a date: there is none any more, it is later, it is earlier, there is one now."""

SLIP_KINDS: Final[tuple[SlipKind, ...]] = ("lost", "later", "earlier", "gained")
"""The kinds, worst first."""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_Term = TypeVar("_Term", int, Decimal)

SlipKey = tuple[int, int, OrderId, LineId, datetime, datetime]


@attrs.frozen(kw_only=True)
class Slip:
    """
    Units of one line that get another date; made by `impact`.

    Dates are compared by the day, in UTC, as everywhere in planning.

    Attributes:
        order: The order's id.
        line: The line's id.
        sku: What it wants.
        customer: Whose it is; empty if nobody says.
        quantity: How many units get another date, in smallest units.
        unit: In which unit of measure they are counted.
        before: For when they are promised as things are, the moment of the plan if they are
            allocated; None is without a date.
        after: Likewise, as things would be.
        requested: When the customer wants them, if they said so.
        value: Price of these units, exactly; None if the line has no price.
        currency: ISO 4217 code of the value.
    """

    order: OrderId
    line: LineId
    sku: Sku
    customer: str
    quantity: int
    unit: Unit
    before: datetime | None
    after: datetime | None
    requested: datetime | None = None
    value: Decimal | None = None
    currency: str | None = None

    @property
    def kind(self) -> SlipKind:
        """What becomes of the date."""
        if self.after is None:
            return "lost"
        if self.before is None:
            return "gained"
        return "later" if self.after > self.before else "earlier"

    @property
    def is_worse(self) -> bool:
        """Whether the units come later, or without a date."""
        return self.kind in {"lost", "later"}

    @property
    def days_later(self) -> int | None:
        """By how many days, in UTC; below 0 is earlier, None where one date is missing."""
        if self.before is None or self.after is None:
            return None
        return (self.after.date() - self.before.date()).days

    @property
    def missed_before(self) -> bool:
        """Whether the day that the customer asked for is missed as things are."""
        return _misses(self.before, self.requested)

    @property
    def missed(self) -> bool:
        """Whether the day that the customer asked for would be missed."""
        return _misses(self.after, self.requested)

    @property
    def sort_key(self) -> SlipKey:
        """Worst first: without a date, then most days later; no two slips have the same."""
        return (
            SLIP_KINDS.index(self.kind),
            -(self.days_later or 0),
            self.order,
            self.line,
            self.before or _NEVER,
            self.after or _NEVER,
        )


def slip_of(order: Order, line: OrderLine, unit: Unit, move: Move) -> Slip:
    """Say of units of a line that they get another date."""
    quantity, before, after = move
    price = line.unit_price
    return Slip(
        order=order.id,
        line=line.id,
        sku=line.sku,
        customer=order.customer,
        quantity=quantity,
        unit=unit,
        before=before,
        after=after,
        requested=line.requested,
        value=None if price is None else price_of(quantity, price, unit),
        currency=line.currency,
    )


def _misses(due: datetime | None, requested: datetime | None) -> bool:
    return requested is not None and (due is None or due.date() > requested.date())


@attrs.frozen(kw_only=True)
class UnitSlips:
    """
    Units that get another date, of all items that are counted in one unit of measure.

    Attributes:
        unit: The unit, as fine as the finest of these items is counted.
        lost: Units without a date any more, in its smallest parts.
        later: Units with a later date.
        earlier: Units with an earlier date.
        gained: Units that had no date.
    """

    unit: Unit
    lost: int = 0
    later: int = 0
    earlier: int = 0
    gained: int = 0

    @property
    def worse(self) -> int:
        """Units with a later date, or without one any more."""
        return self.lost + self.later


@attrs.frozen(kw_only=True)
class ValueSlips:
    """
    Price of the units that get another date, in one currency.

    Attributes:
        currency: ISO 4217 code.
        lost: Price of the units without a date any more.
        later: Price of those with a later date.
        earlier: Price of those with an earlier date.
        gained: Price of those that had no date.
    """

    currency: str
    lost: Decimal = Decimal(0)
    later: Decimal = Decimal(0)
    earlier: Decimal = Decimal(0)
    gained: Decimal = Decimal(0)

    @property
    def worse(self) -> Decimal:
        """Price of the units with a later date, or without one any more; exactly."""
        return EXACT.add(self.lost, self.later)


@attrs.frozen(kw_only=True)
class SlipSums:
    """
    The sums of slips; unlike units and currencies are never added up.

    Attributes:
        name: Of whom: a customer, an order's id; empty for all.
        lines: How many lines get units later, or without a date.
        missed: How many of them miss the day asked for, and did not before.
        units: By unit of measure, sorted by its name.
        values: By currency, sorted by its code.
        unpriced: How many lines that get worse have no price, and so no value here.
    """

    name: str = ""
    lines: int
    missed: int
    units: tuple[UnitSlips, ...]
    values: tuple[ValueSlips, ...]
    unpriced: int


def price_of(quantity: int, unit_price: Decimal, unit: Unit) -> Decimal:
    """
    Give the price of some smallest parts of a unit, exactly.

    It has the decimals of the price, and more only where these do not hold it.

    >>> price_of(4250, Decimal("24.00"), Unit(name="kg", decimals=3))
    Decimal('102.00')
    >>> price_of(1, Decimal("0.99"), Unit(name="kg", decimals=1))
    Decimal('0.099')
    """
    exact = EXACT.multiply(unit_price, Decimal(quantity)).scaleb(-unit.decimals, EXACT)
    short = exact.quantize(unit_price, context=EXACT)
    return short if short == exact else exact.normalize(EXACT)


def sums_by(slips: Iterable[Slip], field: Literal["customer", "order"]) -> tuple[SlipSums, ...]:
    """Sum slips up for each customer or order, sorted by its name."""
    groups = dict[str, list[Slip]]()
    for slip in slips:
        name = slip.customer if field == "customer" else slip.order
        groups.setdefault(name, []).append(slip)
    return tuple(sum_up(groups[name], name) for name in sorted(groups))


def sum_up(slips: Iterable[Slip], name: str = "") -> SlipSums:
    """Sum slips up."""
    slips = list(slips)
    worse = [slip for slip in slips if slip.is_worse]
    missed = [slip for slip in worse if slip.missed and not slip.missed_before]
    unpriced = [slip for slip in worse if slip.value is None]
    return SlipSums(
        name=name,
        lines=_lines(worse),
        missed=_lines(missed),
        units=tuple(_units(slips)),
        values=tuple(_values(slips)),
        unpriced=_lines(unpriced),
    )


def _lines(slips: Iterable[Slip]) -> int:
    return len({(slip.order, slip.line) for slip in slips})


def _units(slips: list[Slip]) -> Iterator[UnitSlips]:
    decimals = dict[str, int]()
    for slip in slips:
        known = decimals.get(slip.unit.name, 0)
        decimals[slip.unit.name] = max(known, slip.unit.decimals)
    for name in sorted(decimals):
        finest = decimals[name]
        terms = (
            (slip.kind, slip.quantity * int(10 ** (finest - slip.unit.decimals)))
            for slip in slips
            if slip.unit.name == name
        )
        lost, later, earlier, gained = _by_kind(terms, 0)
        yield UnitSlips(
            unit=Unit(name=name, decimals=finest),
            lost=lost,
            later=later,
            earlier=earlier,
            gained=gained,
        )


def _values(slips: list[Slip]) -> Iterator[ValueSlips]:
    for currency in sorted({slip.currency for slip in slips if slip.currency is not None}):
        terms = (
            (slip.kind, slip.value)
            for slip in slips
            if slip.currency == currency and slip.value is not None
        )
        lost, later, earlier, gained = _by_kind(terms, Decimal(0))
        yield ValueSlips(currency=currency, lost=lost, later=later, earlier=earlier, gained=gained)


def _by_kind(terms: Iterable[tuple[SlipKind, _Term]], nothing: _Term) -> list[_Term]:
    sums = dict.fromkeys(SLIP_KINDS, nothing)
    for kind, term in terms:
        sums[kind] = plus(sums[kind], term)
    return list(sums.values())


def plus(one: _Term, other: _Term) -> _Term:
    """Add two quantities or two amounts of money, exactly."""
    # A plain sum of Decimals would be rounded to the 28 digits of the usual context.
    return EXACT.add(one, other) if isinstance(one, Decimal) else one + other
